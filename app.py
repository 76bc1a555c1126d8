"""Starts the lab in the browser: `python app.py [--host --port --device --checkpoints DIR]`."""

import argparse
import os
from pathlib import Path

from lab.checkpoint import CHECKPOINTS
from lab.lab import Lab
from lab.ui import LAUNCH, build_app


def arguments() -> argparse.Namespace:
    """The command line; Hugging Face Spaces and Docker set GRADIO_SERVER_NAME and _PORT instead."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default=os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1"))
    parser.add_argument("--port", type=int, default=os.environ.get("GRADIO_SERVER_PORT", 7860))
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
