"""Errors become sentences for visitors; the unexpected is logged and stays inside."""

import logging

import gradio as gr
import pytest

from lab.ui.explain import UNEXPECTED, explain


@explain
def fails(error: Exception) -> None:
    """Raises what it is given."""
    raise error


@explain
def counts_then_fails(error: Exception):
    yield 1
    raise error


@pytest.mark.parametrize("kind", [ValueError, KeyError, FileNotFoundError])
def test_a_sentence_arrives_as_it_was_written(kind: type[Exception]) -> None:
    with pytest.raises(gr.Error) as error:
        fails(kind("The layout is too small; enlarge it."))
    assert error.value.message == "The layout is too small; enlarge it."


def test_the_unexpected_is_logged_and_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR), pytest.raises(gr.Error) as error:
        fails(RuntimeError("/secret/path is broken"))
    assert error.value.message == UNEXPECTED
    assert "/secret/path" in caplog.text


def test_an_error_of_gradio_passes_through() -> None:
    mine = gr.Error("Choose a picture.")
    with pytest.raises(gr.Error) as error:
        fails(mine)
    assert error.value is mine


def test_generators_stay_generators() -> None:
    running = counts_then_fails(ValueError("No more."))
    assert next(running) == 1
    with pytest.raises(gr.Error, match="No more"):
        next(running)


def test_results_and_names_are_untouched() -> None:
    double = explain(lambda value: 2 * value)
    assert double(4) == 8
    assert fails.__name__ == "fails" and fails.__doc__ == "Raises what it is given."
