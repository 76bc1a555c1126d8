"""Samples, and crops of them for training: where a random window lies and how far it is shrunk."""

from collections.abc import Callable
from typing import TypedDict

import numpy as np
import torch.nn.functional as F
from torch import Tensor

from lab.data.labels import IGNORE
from lab.images import resize, resize_ids

Window = tuple[slice, slice]
ATTEMPTS = 10  # windows drawn until one is worth learning from
ENOUGH = 1 / 32  # of a window, for a class to be what it is about


class _Pair(TypedDict):
    labels: Tensor
    instances: Tensor
    photo: Tensor
    name: str


class Sample(_Pair, total=False):
    """One pair.

    labels: (H, W) int64, class ids or `IGNORE`.
    instances: (H, W) int64, equal id = same object; `IGNORE` where the labels are.
    photo: (3, H, W) float32 in [0, 1].
    name: the stem of its files.
    places: (4, H, W) float32, where pixels lie in their objects of the whole picture
        (`lab.data.places`); with more planes of `lab.data.parts` after them; if asked for.
    """

    places: Tensor


def draw_window(
    crop: tuple[int, int],
    size: tuple[int, int],
    *,
    rng: np.random.Generator,
    zoom: float = 1.0,
    accept: Callable[[Window], bool],
) -> Window:
    """Rows and columns of a random window inside a picture.

    Args:
        crop: (width, height) that the window ends up with.
        size: (width, height) of the picture, at least `crop`.
        rng: what is drawn from.
        zoom: the window is 1 to `zoom` times as large as `crop`, as far as the picture reaches.
        accept: whether a window is worth learning from, such as `worth_learning` says.

    Returns:
        The first of `ATTEMPTS` windows that is accepted, else the last.
    """
    reach = min(zoom, size[0] / crop[0], size[1] / crop[1])
    scale = rng.uniform(1, reach) if reach > 1 else 1.0
    width, height = (min(round(side * scale), most) for side, most in zip(crop, size, strict=True))
    for _ in range(ATTEMPTS):
        left = int(rng.integers(size[0] - width + 1))
        top = int(rng.integers(size[1] - height + 1))
        window = slice(top, top + height), slice(left, left + width)
        if accept(window):
            break
    return window


def worth_learning(
    labels: np.ndarray, rng: np.random.Generator | None = None
) -> Callable[[Window], bool]:
    """The test for `draw_window`: a window shows two classes of `labels` (H, W).

    A window of one class teaches little, and the instance norm takes a constant layout out
    altogether. Balanced, which `rng` asks for, it also shows one class of the picture, drawn from
    all of them alike: `ENOUGH` of the window or half of what there is of it. So a fence is learned
    as often as the road.
    """
    wanted, least = None, 0.0
    if rng is not None and (labels != IGNORE).any():
        classes, pixels = np.unique(labels[labels != IGNORE], return_counts=True)
        chosen = rng.integers(len(classes))
        wanted, least = classes[chosen], pixels[chosen] / 2

    def accept(window: Window) -> bool:
        seen = labels[window]
        if wanted is not None and (seen == wanted).sum() < min(least, ENOUGH * seen.size):
            return False
        return int((np.unique(seen) != IGNORE).sum()) >= 2

    return accept


def shrink(sample: Sample, size: tuple[int, int]) -> Sample:
    """The same sample at `size` (width, height): photo antialiased, the rest by nearest pixel."""
    if sample["photo"].shape[:0:-1] == size:
        return sample
    labels, instances = (resize_ids(sample[key][None], size)[0] for key in ("labels", "instances"))
    photo = resize(sample["photo"][None], size)[0]
    small: Sample = {**sample, "labels": labels, "instances": instances, "photo": photo}
    if "places" in sample:
        at = {"size": size[::-1], "mode": "nearest-exact"}  # as ids: objects do not blend
        small["places"] = F.interpolate(sample["places"][None], **at)[0]
    return small
