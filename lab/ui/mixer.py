"""The pad on which styles are mixed: a plain `gr.HTML` around the files in mixer/.

Two styles lie on a line, three on a triangle, four on a square; the nearer the knob, the more of a
style. Sliders beside it say the same in numbers.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

FOLDER = Path(__file__).with_name("mixer")


def mixer(**options: Any) -> gr.HTML:
    """A pad; `gr.update(corners=corners(paths), weights=[…])` says what is mixed and how much.

    Its value, sent with the event `input`, is what `weights_of` reads.
    """
    return gr.HTML(
        html_template=_text("mixer.html"),
        css_template=_text("mixer.css"),
        js_on_load=_text("mixer.js"),
        apply_default_css=False,
        **options,
    )


def corners(paths: Sequence[str | None]) -> list[dict[str, Any]]:
    """The filled slots as the pad takes them: their number and a picture that Gradio serves."""
    return [{"slot": slot, "path": path} for slot, path in enumerate(paths) if path is not None]


def weights_of(value: Any, count: int) -> list[float]:
    """The weights, one for each of `count` slots, in the pad's value.

    Raises:
        ValueError: the value is not what the pad sends; it comes from a browser.
    """
    weights = value.get("weights") if isinstance(value, Mapping) else None
    if not isinstance(weights, list) or len(weights) != count:
        raise ValueError(f"The mixing pad sends {count} weights, not {str(value)[:60]!r}.")
    if any(type(weight) not in (int, float) or not _is_share(weight) for weight in weights):
        raise ValueError(f"The weights of styles are numbers from 0 to 1, not {weights}.")
    return [round(float(weight), 3) for weight in weights]


def _is_share(weight: float) -> bool:
    return math.isfinite(weight) and 0 <= weight <= 1


def _text(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")
