"""What the Transfer tab does: encode pictures once, apply the matrix often, explain it."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
import torch
from torch import Tensor

from lab import images, plots
from lab.cli.transfer import digest
from lab.lab import Lab
from lab.pipelines.transfer import Style
from lab.ui.domains import card_of
from lab.ui.explain import explain
from lab.ui.store import Drawn, keep, keep_image


@dataclass(frozen=True)
class Encoded:
    """What is kept of the chosen pictures, as plain arrays on the CPU.

    Attributes:
        method: the checkpoint's name.
        content: path of the shrunk content as PNG.
        styles: (S (1, k, k), feature mean (1, C, 1, 1)) of every style.
        digests: fingerprints of the content and of every style.
    """

    method: str
    content: str
    styles: tuple[tuple[np.ndarray, np.ndarray], ...]
    digests: tuple[str, ...]


@explain
def encode(lab: Lab, method: str, paths: list[str | None], size: int) -> Encoded | None:
    """Reads content and styles (the second may be None) and encodes the styles: the slow part.

    Returns:
        None while content or style are missing.
    """
    content, first, *_ = paths
    if content is None or first is None:
        return None
    stylizer = lab.stylizer(method)
    picture = _open(content, size)
    styles = [_open(path, size) for path in paths[1:] if path is not None]
    encoded = [stylizer.encode_style(style.to(lab.device)) for style in styles]
    digests = tuple(digest(each) for each in (picture, *styles))
    path = keep_image(f"content-{digests[0]}", lambda: images.to_pil(picture))
    kept = tuple((style.matrix.cpu().numpy(), style.mean.cpu().numpy()) for style in encoded)
    return Encoded(method, path, kept, digests)


@explain
def stylize(lab: Lab, encoded: Encoded | None, mix: float, strength: float) -> Drawn | None:
    """Applies the encoded styles: the quick part.

    Args:
        mix: share of the second style, 0..1. strength: 0..1.
    """
    if encoded is None:
        return None
    weights = _weights(encoded, mix)
    card = card_of(lab, encoded.method)
    content = images.to_tensor(images.open_picture(encoded.content))
    recipe = {
        "kind": "transfer",
        "method": card.method,
        "checkpoint": {"name": encoded.method, "digest": card.digest},
        "content": encoded.digests[0],
        "styles": list(encoded.digests[1:]),
        "weights": weights,
        "strength": strength,
        "size": [content.shape[3], content.shape[2]],
    }
    stylizer, styles = lab.stylizer(encoded.method), _styles(lab, encoded)
    return keep(
        recipe,
        lambda: stylizer.stylize(content.to(lab.device), styles, weights, strength=strength),
    )


@explain
def explain_matrix(
    lab: Lab, encoded: Encoded | None, mix: float
) -> tuple[go.Figure | None, go.Figure | None, str]:
    """The learned matrix as heat-map, its singular values, and a sentence about both."""
    if encoded is None:
        return None, None, ""
    content = images.to_tensor(images.open_picture(encoded.content)).to(lab.device)
    matrix = lab.stylizer(encoded.method).matrix(
        content, _styles(lab, encoded), _weights(encoded, mix)
    )[0]
    array = matrix.float().cpu().numpy()
    values = np.linalg.svd(array, compute_uv=False)
    energy = np.cumsum(values**2) / max(float((values**2).sum()), 1e-12)
    half = int(np.searchsorted(energy, 0.9)) + 1
    said = (
        f"Row *i* says of which of the content's {len(array)} compressed channels the *i*-th new "
        "channel is made: green adds, rust subtracts, pale leaves out. The singular values say how "
        f"much each direction is stretched; here {half} of {len(values)} directions carry 90 % of "
        "the energy. The fewer they are, the more of the content's variety the style gives up."
    )
    return plots.transform_matrix(array), plots.singular_values(array), said


def _open(path: str, size: int) -> Tensor:
    return images.to_tensor(images.fit(images.open_picture(path), int(size)))


def _weights(encoded: Encoded, mix: float) -> list[float]:
    return [1.0] if len(encoded.styles) == 1 else [1.0 - mix, mix]


def _styles(lab: Lab, encoded: Encoded) -> list[Style]:
    return [
        Style(*(torch.from_numpy(array).to(lab.device) for array in pair))
        for pair in encoded.styles
    ]
