"""Starts the lab in the browser: `python app.py [--host --port --device --checkpoints DIR]`."""

import argparse
from pathlib import Path

from lab.checkpoint import CHECKPOINTS
from lab.lab import Lab
from lab.ui import LAUNCH, build_app


def arguments() -> argparse.Namespace:
    """The command line; without --host and --port Gradio takes GRADIO_SERVER_NAME and _PORT from
    the environment (Docker and Spaces set them), else 127.0.0.1 and the first free port from 7860.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", help="address to listen on, 0.0.0.0 for all")
    parser.add_argument("--port", type=int)
    parser.add_argument("--device", help="cpu, cuda, cuda:1 (default: CUDA where there is one)")
    parser.add_argument("--checkpoints", type=Path, default=CHECKPOINTS, metavar="DIR")
    return parser.parse_args()


def main() -> None:
    """Loads the lab, builds the page, serves it until interrupted."""
    options = arguments()
    try:
        lab = Lab(device=options.device, checkpoints=options.checkpoints)
    except ValueError as error:
        raise SystemExit(f"--device: {error}") from None
    lab.warm_up()
    build_app(lab).launch(server_name=options.host, server_port=options.port, **LAUNCH)


if __name__ == "__main__":
    main()
