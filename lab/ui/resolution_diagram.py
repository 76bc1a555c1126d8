"""How G1 sits inside its enhancers: a diagram with a checkpoint's own channels and sizes."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from lab.models.pix2pixhd import GeneratorConfig

WIDE, HIGH = 98, 46  # of a box
STEP, ROW = 118, 112  # from one box to the next, from one row to the next
LEFT, TOP = 8, 38
SUM = 4  # after this column the features from below are added
Box = tuple[str, str]  # what it does, what comes out of it


@dataclass(frozen=True)
class Row:
    """One network, from left to right; the finest stands on top.

    Attributes:
        name: G1, G2 … . boxes: column → box. below: whether features from below are added.
        skip: columns whose features are added to those of equal size on the way up, else None.
        last: the column whose features go to the row above.
    """

    name: str
    boxes: dict[int, Box]
    below: bool
    skip: tuple[int, int] | None
    last: int


def diagram(config: GeneratorConfig, size: tuple[int, int]) -> str:
    """The generator as inline SVG with a caption, in the colours of the page.

    Args:
        size: (width, height) of the picture that is drawn.
    """
    rows = rows_of(config, size)
    bottom = len(rows) - 1
    parts = [_row(row, TOP + index * ROW) for index, row in enumerate(rows)]
    parts += [_rise(rows[i + 1].last, TOP + i * ROW) for i in range(bottom)]
    if config.residual and bottom:
        parts.append(_enlarged(TOP, TOP + bottom * ROW))
    width, height = LEFT + 7 * STEP + WIDE + 8, TOP + bottom * ROW + HIGH + 8
    said = caption(config, size)
    return (
        '<figure class="wide" tabindex="0" style="margin:0">'
        f'<svg viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{said}" style="width:100%;min-width:820px;height:auto;'
        'color:var(--body-text-color);font-size:12px" xmlns="http://www.w3.org/2000/svg">'
        f"{_MARKERS}{''.join(parts)}</svg>"
        f'<figcaption class="status" style="margin-top:6px">{said}</figcaption></figure>'
    )


def caption(config: GeneratorConfig, size: tuple[int, int]) -> str:
    """Where G1's last features go, as a sentence."""
    if not config.enhancers:
        return "This checkpoint is G1 alone: its last features become the picture."
    scale, entering = 2**config.enhancers, config.width * 2**config.enhancers
    width, height = (side // scale for side in size)
    said = (
        f"G1's last features, {entering} channels of {width} × {height}, are added to what G2's "
        "first half makes of the layout at twice the size"
    )
    added = "; what the enhancers draw is added to G1's own picture, enlarged."
    return said + (added if config.residual else ", and G2's second half draws the picture.")


def rows_of(config: GeneratorConfig, size: tuple[int, int]) -> list[Row]:
    """The networks of a generator, the finest first, with what comes out of every layer."""
    count = config.enhancers
    finer = [_enhancer(config, size, level) for level in range(count)]
    return [*finer, _coarse(config, _shrunk(size, count), config.width * 2**count)]


def _enhancer(config: GeneratorConfig, size: tuple[int, int], level: int) -> Row:
    full, half = _shrunk(size, level), _shrunk(size, level + 1)
    width = config.width * 2**level
    boxes = {
        0: ("layout, looks", _of(config.inputs + config.noise, full)),
        1: (f"{config.kernel}×{config.kernel} conv", _of(width, full)),
        2: ("halving", _of(2 * width, half)),
        5: (f"{config.enhancer_blocks} residual", _of(2 * width, half)),
        6: ("doubling", _of(width, full)),
    }
    if level == 0:
        boxes[7] = ("picture", _of(3, full))
    name = f"G{config.enhancers - level + 1}"
    return Row(name, boxes, True, (1, 6) if config.skips else None, 6)


def _coarse(config: GeneratorConfig, size: tuple[int, int], width: int) -> Row:
    downs = config.downsamplings
    deep, widest = _shrunk(size, downs), min(width * 2**downs, config.max_width)
    boxes = {
        0: ("layout, looks", _of(config.inputs + config.noise, size)),
        1: (f"{config.kernel}×{config.kernel} conv", _of(width, size)),
        2: (f"{downs} halvings", _of(widest, deep)),
        3: (f"{config.blocks} residual", _of(widest, deep)),
        4: (f"{downs} doublings", _of(width, size)),
        5: ("picture", _of(3, size)),
    }
    return Row("G1", boxes, False, (1, 4) if config.skips else None, 4)


def _shrunk(size: tuple[int, int], halvings: int) -> tuple[int, int]:
    return size[0] // 2**halvings, size[1] // 2**halvings


def _of(channels: int, size: tuple[int, int]) -> str:
    return f"{channels} · {size[0]}×{size[1]}"


# --- drawing -------------------------------------------------------------------------------------

_ACCENT = "var(--color-accent)"
_MARKERS = "".join(
    f'<marker id="tip-{name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
    f'orient="auto"><path d="M0 0L8 4L0 8z" fill="{color}"/></marker>'
    for name, color in (("ink", "currentColor"), ("green", _ACCENT))
)


def _row(row: Row, top: int) -> str:
    middle = top + HIGH / 2
    parts = [
        f'<text x="{LEFT}" y="{top - 8}" font-weight="700" fill="currentColor">{row.name}</text>'
    ]
    columns = sorted(row.boxes)
    for before, after in pairwise(columns):
        parts.append(_arrow([(_x(before) + WIDE, middle), (_x(after), middle)]))
    parts += [_box(row.boxes[column], _x(column), top) for column in columns]
    if row.below:
        x = _x(SUM) + WIDE + (STEP - WIDE) / 2 - 24
        parts.append(
            f'<circle cx="{x}" cy="{middle}" r="11" fill="var(--background-fill-primary)" '
            f'stroke="{_ACCENT}" stroke-width="2"/><text x="{x}" y="{middle + 5}" '
            f'text-anchor="middle" font-size="16" fill="currentColor">+</text>'
        )
    if row.skip:
        start, end = (_x(column) + WIDE / 2 - 24 for column in row.skip)
        parts.append(
            f'<path d="M{start} {top}V{top - 14}H{end}V{top - 2}" fill="none" '
            'stroke="currentColor" stroke-dasharray="3 4" opacity=".7" marker-end="url(#tip-ink)"/>'
            f'<text x="{(start + end) / 2}" y="{top - 19}" text-anchor="middle" font-size="11" '
            'fill="currentColor">added to equal sizes</text>'
        )
    return "".join(parts)


def _rise(last: int, top: int) -> str:
    """From the last features of the row below up to the sum of the row at `top`."""
    x, below = _x(SUM) + WIDE + (STEP - WIDE) / 2 - 24, top + ROW
    start = _x(last) + WIDE / 2
    turn = below - 32
    return _arrow([(start, below), (start, turn), (x, turn), (x, top + HIGH / 2 + 13)], "green")


def _enlarged(top: int, bottom: int) -> str:
    """From G1's own picture, enlarged, to the picture of the finest row."""
    start, end = _x(5) + WIDE, _x(7) + WIDE / 2
    middle = bottom + HIGH / 2
    return _arrow([(start, middle), (end, middle), (end, top + HIGH + 2)]) + (
        f'<text x="{(start + end) / 2}" y="{middle - 7}" text-anchor="middle" font-size="11" '
        'fill="currentColor">enlarged, added</text>'
    )


def _box(box: Box, x: float, top: float) -> str:
    title, out = box
    middle = x + WIDE / 2
    return (
        f'<rect x="{x}" y="{top}" width="{WIDE}" height="{HIGH}" rx="6" '
        'fill="var(--background-fill-secondary)" stroke="var(--border-color-primary)"/>'
        f'<text x="{middle}" y="{top + 19}" text-anchor="middle" fill="currentColor">{title}</text>'
        f'<text x="{middle}" y="{top + 36}" text-anchor="middle" font-size="11" '
        f'fill="currentColor">{out}</text>'
    )


def _arrow(points: Sequence[tuple[float, float]], kind: str = "ink") -> str:
    color, width = (_ACCENT, 2.5) if kind == "green" else ("currentColor", 1.2)
    path = "L".join(f"{x} {y}" for x, y in points)
    return (
        f'<path d="M{path}" fill="none" stroke="{color}" stroke-width="{width}" '
        f'marker-end="url(#tip-{kind})"/>'
    )


def _x(column: int) -> float:
    return LEFT + column * STEP
