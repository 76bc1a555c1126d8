"""Errors as sentences: what a visitor reads when something cannot be done."""

import functools
import inspect
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import gradio as gr

from lab.errors import sentence

Handler = TypeVar("Handler", bound=Callable)

UNEXPECTED = "Something went wrong inside the lab; its log says what. Your input is unchanged."
_log = logging.getLogger(__name__)


@contextmanager
def _translated(name: str) -> Iterator[None]:
    try:
        yield
    except gr.Error:
        raise
    except (ValueError, KeyError, FileNotFoundError) as error:
        raise gr.Error(sentence(error), title="That did not work", print_exception=False) from error
    except Exception as error:
        _log.exception("%s failed", name)
        raise gr.Error(UNEXPECTED, title="Unexpected error", print_exception=False) from error


def explain(handler: Handler) -> Handler:
    """Turns what a handler raises into a `gr.Error` for the visitor.

    ValueError, KeyError and FileNotFoundError carry a sentence written for people and are shown as
    they are; anything else is logged with its traceback and shown as one general sentence.
    Plain functions and generators.
    """
    if inspect.isgeneratorfunction(handler):

        @functools.wraps(handler)
        def explained(*args, **kwargs):
            with _translated(handler.__name__):
                yield from handler(*args, **kwargs)

    else:

        @functools.wraps(handler)
        def explained(*args, **kwargs):
            with _translated(handler.__name__):
                return handler(*args, **kwargs)

    return explained
