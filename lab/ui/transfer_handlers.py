"""What the Transfer tab does: styles are encoded once, pictures are drawn of them often."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr
from torch import Tensor

from lab.cutouts import Cutout, open_cutout, open_style
from lab.interfaces import Progress, Stylizer
from lab.lab import Lab
from lab.pipelines.controls import draw, encode_styles
from lab.pipelines.transfer import Style
from lab.recipes import transfer_recipe
from lab.ui.components import status
from lab.ui.domains import card_of
from lab.ui.drawing import encode as as_drawing
from lab.ui.drawing import preset_of, stamp_of
from lab.ui.explain import explain
from lab.ui.layouts import resized
from lab.ui.store import Drawn, keep, keep_image, still_kept
from lab.ui.transfer_choices import Choices, bands, fitted, is_quick, map_size, style_classes
from lab.ui.work import Work

# The number of a map that was painted and then fitted to other pictures, which is no stroke.
REFITTED = 0


@dataclass(frozen=True)
class Encoded:
    """What is kept of the chosen pictures, on the CPU.

    Attributes:
        method: the checkpoint's name.
        content: path of the shrunk content as PNG. size: its (width, height).
        styles: what the method keeps of every style.
        slots: where on the page each style stands, from 0.
        digests: fingerprints of the content and of every style.
    """

    method: str
    content: str
    size: tuple[int, int]
    styles: tuple[Style | Tensor, ...]
    slots: tuple[int, ...]
    digests: tuple[str, ...]

    def styles_on(self, device: Any) -> list[Style | Tensor]:
        """The styles where they are needed."""
        return [style.to(device) for style in self.styles]


@explain
def encode(
    lab: Lab, choices: Choices, content: str | None, styles: Sequence[str | None]
) -> Encoded | None:
    """Reads the content and encodes the styles, None in empty slots: the slow part.

    Returns:
        None while content or style are missing.
    """
    if content is None or not any(styles):
        return None
    cutout = open_cutout(content, longest=choices.size)
    slots, pictures = opened_styles(lab, choices, styles)
    controls = choices.controls(lab, slots)
    looks = [each.picture.to(lab.device) for each in pictures]
    stylizer, picture = lab.stylizer(choices.method), cutout.picture
    how = {"content": picture.to(lab.device), "masks": [each.mask for each in pictures]}
    encoded = encode_styles(stylizer, looks, controls, **how)
    digests = tuple(each.digest for each in (cutout, *pictures))
    path = keep_image(f"content-{digests[0]}", lambda: cutout.image)
    kept = tuple(style.to("cpu") for style in encoded)
    size = (picture.shape[3], picture.shape[2])
    return Encoded(choices.method, path, size, kept, slots, digests)


@explain
def stylize(
    lab: Lab, encoded: Encoded | None, choices: Choices, progress: Progress | None = None
) -> Drawn | None:
    """Draws the content in the encoded styles: the quick part."""
    if encoded is None:
        return None
    controls = choices.controls(lab, encoded.slots)
    width, height = encoded.size
    masks = choices.masks(encoded.slots, (height, width))
    # Asked for also where the drawing is there: the next may not be.
    cutout = open_cutout(still_kept(encoded.content))
    recipe = {
        **transfer_recipe(card_of(lab, encoded.method), encoded.digests[1:], controls, masks=masks),
        "content": encoded.digests[0],
        "size": [width, height],
    }

    def drawing() -> Tensor:
        content = cutout.picture.to(lab.device)
        styles = encoded.styles_on(lab.device)
        how = {"masks": masks, "progress": progress}
        return draw(lab.stylizer(encoded.method), content, styles, controls, **how)

    return keep(recipe, drawing, alpha=cutout.alpha)


@explain
def show(lab: Lab, encoded: Encoded | None, choices: Choices) -> tuple[Any, str, dict[str, Any]]:
    """After every change: the pair for the slider, the status line, the update of Save.

    A method that optimises is not started by a slider.
    """
    if encoded is None:
        return None, status("Add a content and a style picture."), _to_save(None)
    if not is_quick(lab, encoded.method):
        said = f"{card_of(lab, encoded.method).title} optimises every picture anew: press Draw."
        return None, status(said), _to_save(None)
    return _shown(lab, encoded, stylize(lab, encoded, choices))


def refused() -> tuple[None, None, str, dict[str, Any]]:
    """Nothing encoded and nothing shown, where pictures could not be read: else what was drawn
    before would stand beside a picture it is not of, and sliders would go on drawing it."""
    said = "There is a picture that could not be read; choose another one."
    return None, None, status(said), _to_save(None)


def show_stroke(
    lab: Lab, encoded: Encoded | None, choices: Choices
) -> tuple[Any, str, dict[str, Any], dict[str, Any]]:
    """The same after a stroke on the regions, and the painter's update: that this one is drawn."""
    drawn = gr.update(drawn=stamp_of(choices.regions))
    return *show(lab, encoded, choices), drawn


@explain
def show_slowly(
    lab: Lab, encoded: Encoded | None, choices: Choices
) -> Iterator[tuple[Any, str, Any]]:
    """The same of a method that takes minutes: a line for every step, then what `show` returns."""
    if encoded is None:
        raise ValueError("There is nothing to draw yet; add a content and a style picture.")
    work = Work(partial(stylize, lab, encoded, choices))
    for share in work:
        yield gr.skip(), status(f"{share:.0%} drawn"), gr.skip()
    yield _shown(lab, encoded, work.result)


def _shown(lab: Lab, encoded: Encoded, drawn: Drawn) -> tuple[Any, str, dict[str, Any]]:
    width, height = encoded.size
    took = f"{drawn.seconds:.2f} s" if drawn.seconds else "from memory"
    line = f"{width} × {height} pixels · {took} · {encoded.method} on {lab.device.type}"
    return (encoded.content, drawn.path), status(line), _to_save(drawn.path)


def _to_save(path: str | None) -> dict[str, Any]:
    """The update of the button that saves: it can be pressed where there is a file."""
    return gr.update(value=path, interactive=path is not None)


@explain
def regions_for(encoded: Encoded | None, value: Any) -> dict[str, Any]:
    """The painter's update for the styles there are and the content's shape, painted regions kept.

    `value` is the painter's, None before anything stood on it.
    """
    if encoded is None or len(encoded.slots) < 2:
        return gr.skip()
    slots, size = encoded.slots, map_size(encoded.size)
    update = {"domain": style_classes(slots), "backdrop": encoded.content}
    # Bands carry their number as long as nobody has painted on them.
    untouched = value is None or preset_of(value) not in (None, REFITTED)
    layout = bands(slots, size) if untouched else resized(fitted(value, slots, size), size)
    new = as_drawing(layout, preset=len(slots) if untouched else REFITTED)
    if value is not None and all(value.get(key) == new[key] for key in ("w", "h", "labels")):
        return gr.update(**update)
    return gr.update(**update, value=new)


def stopped() -> str:
    """The line after a long run was cancelled, or failed and said why in a message of its own."""
    return status("Stopped; what was drawn before is kept.")


def subject(encoded: Encoded | None, choices: Choices) -> Any:
    """What a picture would be of, to be compared; None without pictures."""
    return None if encoded is None else (encoded.digests, choices)


def ended(lab: Lab, begun: Any, encoded: Encoded | None, choices: Choices) -> Any:
    """The same line where what is asked for is still the subject that was `begun`.

    A drawing that made way for another picture has nothing to say: that one has its own line,
    which comes later, unless it waits for Draw.
    """
    if begun is not None and begun == subject(encoded, choices):
        return stopped()
    waits = encoded is not None and not is_quick(lab, encoded.method)
    return show(lab, encoded, choices)[1] if waits else gr.skip()


def opened_styles(
    lab: Lab, choices: Choices, paths: Sequence[str | None]
) -> tuple[tuple[int, ...], list[Cutout]]:
    """The slots that hold a style, and the styles; of a method that takes one style, the first.

    Raises:
        ValueError: there is none, or one shows nothing.
    """
    slots = tuple(slot for slot, path in enumerate(paths) if path is not None)
    if not slots:
        raise ValueError("There is no style; add a style picture.")
    if not is_quick(lab, choices.method):
        slots = slots[:1]
    return slots, [open_style(paths[slot], longest=choices.size) for slot in slots]


def stylizer_of(lab: Lab, choices: Choices) -> Stylizer:
    """The method that draws videos and large pictures.

    Raises:
        ValueError: it optimises every picture anew.
    """
    if not is_quick(lab, choices.method):
        raise ValueError(
            f"{choices.method} is optimised for every picture anew and draws neither videos nor "
            "very large pictures; choose another method."
        )
    return lab.stylizer(choices.method)
