"""Shared pieces of the tabs: headings, notes, choices of checkpoints, pictures that stay PNG."""

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.data_classes import ImageData

from lab.card import Card
from lab.catalog import STYLIZERS
from lab.lab import Lab

# Gradio's default is WebP with loss: every picture of the lab is sent as it is.
PNG = {"format": "png"}
FILE = {"type": "filepath", "image_mode": None}  # of a picture that is given to the lab
Choice = tuple[str, str]  # (title, name) of a checkpoint


@dataclass(frozen=True)
class Page:
    """What a tab is given besides the lab.

    Attributes:
        tab: the tab itself; its `select` says that it was opened.
        desk: a State with the visitor's last `Desk` (None before the first picture), shared by
            all tabs.
    """

    tab: gr.Tab
    desk: gr.State


def heading(purpose: str, how_it_works: str) -> None:
    """The one-sentence purpose of a tab and its folded explanation (Markdown)."""
    gr.Markdown(purpose, elem_classes="purpose")
    with gr.Accordion("How it works", open=False, elem_classes="how"):
        gr.Markdown(how_it_works)


def note(text: str, **options: Any) -> gr.Markdown:
    """A quiet line under a control or a picture, read out when it changes."""
    return gr.Markdown(text, elem_classes="note", **options)


def status(text: str) -> str:
    """A line for `gr.HTML` that screen readers announce when it changes."""
    return f'<p class="status" role="status">{text}</p>'


def checkpoints(lab: Lab, fits: Callable[[Card], bool]) -> list[Choice]:
    """(title, name) of the installed checkpoints that fit and work."""
    cards = [card for card in lab.cards() if fits(card) and not lab.missing(card.name)]
    return [(card.title or card.name, card.name) for card in cards]


def synthesizers(lab: Lab, first: str = "town") -> list[Choice]:
    """The checkpoints with looks and stages, `first` in front where it is there."""
    drawing = checkpoints(lab, lambda card: card.method == "pix2pixhd")
    return sorted(drawing, key=lambda choice: choice[1] != first)


def stylizers(lab: Lab, first: str = "linear-fast") -> list[Choice]:
    """The checkpoints that transfer styles, `first` in front where it is there."""
    return sorted(
        checkpoints(lab, lambda card: card.method in STYLIZERS),
        key=lambda choice: choice[1] != first,
    )


def absent(lab: Lab, names: Sequence[str]) -> None:
    """Says in place of a tab's controls why none of the checkpoints it needs can be used."""
    reasons = [
        lab.missing(name) or f"The checkpoint {name} is of another method." for name in names
    ]
    listed = "\n".join(f"- {reason}" for reason in reasons)
    said = f"This tab needs a trained checkpoint and has none.\n\n{listed}"
    gr.Markdown(said, elem_classes="absent")


def picture(label: str, **options: Any) -> gr.Image:
    """A picture that is shown, not edited; `label` is read out, not shown."""
    settings = {
        "buttons": ["fullscreen"],
        "interactive": False,
        "alt_text": label,
        "show_label": False,
        "elem_classes": "shown",
    }
    return gr.Image(label=label, type="filepath", **PNG, **{**settings, **options})


def upload(label: str, **options: Any) -> gr.Image:
    """A door for pictures: the file arrives as it was sent, so its header can be checked first."""
    settings = {"sources": ["upload", "clipboard"], "buttons": [], "height": 220, "alt_text": label}
    return as_sent(gr.Image(label=label, **{**settings, **PNG, **options, **FILE}))


def as_sent(image: gr.Image) -> gr.Image:
    """`image`, whose handlers are given the path of the file (None without one), unopened.

    Gradio would open it first, and tell of one that it cannot read by its path on the server.
    """
    image.preprocess = _asked_for
    return image


def _asked_for(payload: ImageData | None) -> str | None:
    """The path of an upload, which Gradio deletes a time after it was last written: touched, it
    stays for as long as it is used."""
    if payload is None:
        return None
    with suppress(OSError):  # it is gone, or one of those that come with the lab
        os.utime(payload.path)
    return payload.path


def opening(lab: Lab, purpose: str, how_it_works: str) -> list[Choice]:
    """The head of a tab that looks at synthesis, and the checkpoints it can choose from.

    Without any it says what is missing, and nothing more is to be laid out.
    """
    heading(purpose, how_it_works)
    choices = synthesizers(lab, "town")
    if not choices:
        absent(lab, ("town", "streets"))
    return choices


def thumbnails(label: str, **options: Any) -> gr.Gallery:
    """A line of text and small pictures under it, of which one is chosen by a click."""
    note(label)
    settings = {
        "allow_preview": False,
        "interactive": False,
        "buttons": [],
        "show_label": False,
        "container": False,
        "fit_columns": False,
        "height": "auto",
        "elem_classes": "thumbs",
    }
    return gr.Gallery(label=label, **PNG, **{**settings, **options})


def before_after(label: str, **options: Any) -> gr.ImageSlider:
    """Two pictures of one scene under a divider that can be dragged."""
    settings = {"max_height": 640, "buttons": ["fullscreen"], "show_label": False}
    return gr.ImageSlider(label=label, **PNG, **{**settings, **options})


def endpoint(
    function: Callable, name: str, inputs: dict[str, Any], outputs: Any, **options: Any
) -> None:
    """Adds a function to the page for programs alone: nothing of it is shown.

    `inputs`: its parameters by name, each with the component that checks it. `options`: of the
    event, such as the lane it waits in and `api_description`.
    """
    gr.Button(visible=False).click(
        function,
        None,
        outputs,
        inputs_kwargs=inputs,
        api_name=name,
        show_progress="hidden",
        **options,
    )


def stop_by(
    button: gr.Button, event: Any, told: Callable[..., Any], *, inputs: Any = None, outputs: Any
) -> Any:
    """Lets `button` end `event`, and `told` say so; returns what tells it, to go on from.

    It is told by the event itself, once it is ended (or failed, and said why in a message of its
    own): what follows the click does not wait until the server has ended the work, and Gradio skips
    or loses a run that is begun before.
    """
    quiet = {"show_progress": "hidden", "api_visibility": "private"}
    button.click(None, cancels=[event], **quiet)
    return event.failure(told, inputs, outputs, **quiet)


def at_index(handler: Callable[[Any, int], Any]) -> Callable[[Any, gr.SelectData], Any]:
    """A listener for clicks in a gallery around `handler(value, index)`, which stays testable."""

    def listener(value: Any, event: gr.SelectData) -> Any:
        return handler(value, event.index)

    return listener
