"""Class tables of label maps, and the two encodings of a layout that the networks see."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

IGNORE = 255  # the label of pixels that belong to no class


@dataclass(frozen=True)
class Label:
    """One class: its name, its colour (RGB, 0-255) and whether its objects can be told apart.

    Attributes:
        name: what people call it; lower case, spaces allowed.
        color: red, green, blue in 0-255; no two classes of a table share one.
        countable: objects of this class are numbered: the k-th has the instance id
            ``class * 1000 + k``.
    """

    name: str
    color: tuple[int, int, int]
    countable: bool = False


@dataclass(frozen=True)
class LabelSpace:
    """An ordered table of classes; a class id is a position in it.

    Args:
        name: the domain, e.g. ``"streets"``.
        labels: one row per class.
        void: ids that its data sets keep for pixels of no class, beside `IGNORE`.
        unscored: classes that are drawn but that no evaluation counts: pixels that truly are of one
            are left out, and readings as one are errors of the true class.

    Raises:
        ValueError: the table is empty or too long, or two classes share a name or a colour.
    """

    name: str
    labels: tuple[Label, ...]
    void: frozenset[int] = frozenset()
    unscored: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        if not 0 < len(self.labels) < IGNORE:
            raise ValueError(
                f"'{self.name}' has {len(self.labels)} classes; expected 1 to {IGNORE - 1}."
            )
        for field in ("name", "color"):
            values = [getattr(label, field) for label in self.labels]
            twice = next((value for value in values if values.count(value) > 1), None)
            if twice is not None:
                raise ValueError(
                    f"Two classes of '{self.name}' have the {field} {twice!r}; make it unique."
                )

    def __len__(self) -> int:
        return len(self.labels)

    def __iter__(self) -> Iterator[Label]:
        return iter(self.labels)

    def __getitem__(self, index: int) -> Label:
        return self.labels[index]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the classes, in the order of their ids."""
        return tuple(label.name for label in self.labels)

    @property
    def scored(self) -> tuple[int, ...]:
        """The ids of the classes that evaluations count, in order."""
        return tuple(index for index in range(len(self)) if index not in self.unscored)

    def index(self, name: str) -> int:
        """The id of the class called `name`.

        Raises:
            KeyError: no class has this name; the sentence lists those there are.
        """
        if name not in self.names:
            raise KeyError(f"'{self.name}' has no class '{name}'; known: {', '.join(self.names)}.")
        return self.names.index(name)

    def decode(self, rgb: Tensor) -> Tensor:
        """Read a painted picture: every pixel gets the class whose colour it has exactly.

        Args:
            rgb: (H, W, 3) uint8.

        Returns:
            (H, W) int64; `IGNORE` where no class has the colour.

        Raises:
            ValueError: `rgb` is not (H, W, 3) uint8.
        """
        rgb = torch.as_tensor(rgb)
        if rgb.ndim != 3 or rgb.shape[-1] != 3 or rgb.dtype != torch.uint8:
            raise ValueError(
                f"A painted picture must be (H, W, 3) uint8; got {tuple(rgb.shape)}, {rgb.dtype}."
            )
        # Sorted keys and a binary search: a table of all 2^24 colours would take 16 MB.
        keys, order = self._keys(rgb.device).sort()
        painted = _pack(rgb)
        place = torch.searchsorted(keys, painted).clamp(max=len(self) - 1)
        return torch.where(keys[place] == painted, order[place], IGNORE)

    def colorize(self, labels: Tensor) -> Tensor:
        """Paint a label map in the colours of its classes.

        Args:
            labels: (B, H, W) int64.

        Returns:
            (B, 3, H, W) float32 in [0, 1]; `IGNORE` is black.

        Raises:
            ValueError: an id is neither a class nor `IGNORE`.
        """
        self.check(labels)
        colors = torch.zeros(IGNORE + 1, 3, device=labels.device)
        colors[: len(self)] = (
            torch.tensor([label.color for label in self.labels], device=labels.device) / 255
        )
        return colors[labels].movedim(-1, -3).contiguous()

    def read(self, stored: Tensor) -> Tensor:
        """The label map that a file of this domain holds: its void ids are `IGNORE`.

        Args:
            stored: ids of any shape and integer type.

        Returns:
            int64 of the same shape, classes and `IGNORE` alone.

        Raises:
            ValueError: an id is neither a class nor void.
        """
        labels = stored.long()
        void = torch.tensor(sorted(self.void), dtype=torch.int64, device=stored.device)
        labels = labels.masked_fill(torch.isin(labels, void), IGNORE)
        self.check(labels)
        return labels

    def check(self, labels: Tensor) -> None:
        """Make sure that every id of `labels`, of any shape, is a class or `IGNORE`.

        Raises:
            ValueError: one sentence with the unknown ids and the classes there are.
        """
        labels = torch.as_tensor(labels)
        known = ((labels >= 0) & (labels < len(self))) | (labels == IGNORE)
        if bool(known.all()):
            return
        unknown = torch.unique(labels[~known]).tolist()
        shown = ", ".join(str(i) for i in unknown[:10]) + (", …" if len(unknown) > 10 else "")
        table = ", ".join(f"{i} {name}" for i, name in enumerate(self.names))
        raise ValueError(
            f"The label map holds ids that '{self.name}' does not have: {shown}; "
            f"expected {table}, or {IGNORE} for no class."
        )

    def _keys(self, device: torch.device) -> Tensor:
        """(K,) the colours as single numbers."""
        return _pack(torch.tensor([label.color for label in self.labels], device=device))


def _pack(rgb: Tensor) -> Tensor:
    """(..., 3) in 0-255 to (...) one number per colour."""
    red, green, blue = rgb.long().unbind(-1)
    return (red << 16) | (green << 8) | blue


def one_hot(labels: Tensor, classes: int) -> Tensor:
    """One plane per class.

    Args:
        labels: (B, H, W) int64.
        classes: K, how many planes.

    Returns:
        (B, K, H, W) float32, 1 where the pixel has the class. `IGNORE` is zero in every plane.
    """
    ids = torch.arange(classes, device=labels.device).view(1, -1, 1, 1)
    return (labels.unsqueeze(1) == ids).float()


def boundaries(instances: Tensor) -> Tensor:
    """The instance boundary map (Wang et al. 2018, §3.3): 1 where a 4-neighbour is another object.

    Both sides of an edge are marked, so lines are two pixels wide. The picture's border is no edge.

    Args:
        instances: (B, H, W) int64; equal id = same object.

    Returns:
        (B, 1, H, W) float32 in {0, 1}.
    """
    edges = torch.zeros_like(instances, dtype=torch.bool)
    across = instances[:, :, 1:] != instances[:, :, :-1]
    down = instances[:, 1:, :] != instances[:, :-1, :]
    edges[:, :, 1:] |= across
    edges[:, :, :-1] |= across
    edges[:, 1:, :] |= down
    edges[:, :-1, :] |= down
    return edges.unsqueeze(1).float()
