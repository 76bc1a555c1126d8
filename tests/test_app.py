"""`python app.py` as a stranger starts it: one line and exit code 2 where it cannot be."""

import socket
import sys

import gradio as gr
import pytest

import app


def refused(monkeypatch, capsys, *arguments: str) -> str:
    """The one line that the page is not started with."""
    monkeypatch.setattr(sys, "argv", ["app.py", *arguments])
    with pytest.raises(SystemExit) as ended:
        app.main()
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    return said


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--device", "nope"], "--device: "),
        (["--port", "99999"], "expected a port from 1 to 65535, got '99999'"),
        (["--port", "0"], "expected a port from 1 to 65535, got '0'"),
        (["--checkpoint", "town"], "unrecognized arguments: --checkpoint town"),
    ],
)
def test_bad_options_are_one_line(monkeypatch, capsys, arguments, problem) -> None:
    assert problem in refused(monkeypatch, capsys, *arguments)


def test_a_port_that_is_taken_is_one_line(monkeypatch, capsys, tmp_path) -> None:
    with gr.Blocks() as blank:
        pass
    monkeypatch.setattr(app, "build_app", lambda lab: blank)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        options = ("--port", port, "--device", "cpu", "--checkpoints", str(tmp_path))
        said = refused(monkeypatch, capsys, *options, "--host", "127.0.0.1")
    assert "--host or --port: " in said and port in said
