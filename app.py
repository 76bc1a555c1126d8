"""Starts the lab in the browser: `python app.py [--host --port --device --checkpoints DIR]`."""

from pathlib import Path

from lab.checkpoint import CHECKPOINTS
from lab.cli.arguments import Parser, port
from lab.errors import sentence
from lab.lab import Lab
from lab.memory import keep_freed_memory
from lab.ui import LAUNCH, build_app
from lab.ui.store import sweeping


def build_parser() -> Parser:
    """The command line; without --host and --port Gradio takes GRADIO_SERVER_NAME and _PORT from
    the environment (Docker and Spaces set them), else 127.0.0.1 and the first free port from 7860.
    """
    parser = Parser(prog="python app.py", description=__doc__)
    parser.add_argument("--host", help="address to listen on, 0.0.0.0 for all")
    parser.add_argument("--port", type=port, help="to listen at, 1 to 65535")
    parser.add_argument("--device", help="cpu, cuda, cuda:1 (default: CUDA where there is one)")
    parser.add_argument("--checkpoints", type=Path, default=CHECKPOINTS, metavar="DIR")
    return parser


def main() -> None:
    """Loads the lab, builds the page, serves it until interrupted; exit code 2 on bad options."""
    parser = build_parser()
    options = parser.parse_args()
    keep_freed_memory()
    try:
        lab = Lab(device=options.device, checkpoints=options.checkpoints)
    except ValueError as error:
        parser.error(f"--device: {error}")
    lab.warm_up()
    page = build_app(lab)
    try:
        with sweeping():
            page.launch(server_name=options.host, server_port=options.port, **LAUNCH)
    except OSError as error:  # the port is taken, or the address is not of this machine
        parser.error(f"--host or --port: {sentence(error)}")


if __name__ == "__main__":
    main()
