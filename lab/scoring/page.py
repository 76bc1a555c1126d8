"""A page of everything that was scored: the table, and all pictures in file order beside a folder.

`sheet.html` shows the pictures of `sheet_files/`, whole PNGs, and needs nothing else.
"""

from __future__ import annotations

import math
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from torch import Tensor

from lab.data.labels import LabelSpace
from lab.files import write_text
from lab.images import save_picture
from lab.scoring.methods import ORACLE
from lab.scoring.report import Report, grid, heading
from lab.scoring.sheet import Line, Sheet, Thumbnails, written

STYLE = Path(__file__).with_name("page.css")
# What a column's best value is; others, such as diversity, have none.
HIGHER = ("pixel_accuracy", "mean_iou", "psnr", "ssim")
LOWER = ("kid", "fid", "frechet", "distance", "style_distance", "content_distance")
LOWER += ("temporal_error", "seconds", "peak_mib")
REFERENCES = (ORACLE, "palette", "content", "style")  # what the methods stand between
KNOWN_BY = {"mean_iou": "mean IoU", "style_distance": "style", "content_distance": "content"}
OURS = re.compile(r"\d{4,}-[\w-]+\.png")


def open_sheet(
    path: Path | None, count: int, space: LabelSpace | None = None
) -> AbstractContextManager[Sheet | None]:
    """A sheet of `count` lines: a page for `.html`, else one PNG of thumbnails; None for no path.

    Raises:
        ValueError: the folder of a page's pictures holds other things.
    """
    if path is None:
        return nullcontext()
    html = path.suffix.lower() == ".html"
    return Page(path, count, space) if html else Thumbnails(path, count)


def check_place(path: Path) -> None:
    """Finds before the work what a sheet at `path` could not be written for.

    Raises:
        ValueError: the folder of a page's pictures holds other things.
    """
    folder = _folder(path)
    if path.suffix.lower() != ".html" or not (folder.exists() or folder.is_symlink()):
        return
    if folder.is_symlink() or not folder.is_dir() or not all(map(_is_ours, folder.iterdir())):
        raise ValueError(
            f"{folder} is where the pictures of {path.name} go, and it holds other things; "
            "choose another name for the sheet."
        )


class Page(Sheet):
    """An HTML file and its pictures, which are written as they come and moved at the end."""

    opens = "; a click opens a picture whole"

    def __init__(self, path: Path, count: int, space: LabelSpace | None = None) -> None:
        check_place(path)
        super().__init__(path, count)
        self.space, self.folder = space, _folder(path)
        self.scratch = Path(tempfile.mkdtemp(prefix=".", dir=path.parent))
        self.scratch.chmod(0o755)
        self.columns: list[str] = []
        self.numbers: list[str] = []  # the names of those under each picture
        self.sections: list[str] = []

    def add(self, line: Line) -> None:
        """Writes the pictures of a line."""
        self.columns = list(line.pictures)
        names = max((list(values) for values in line.numbers.values()), key=len, default=[])
        self.numbers = self.numbers or names
        figures = []
        for column, picture in line.pictures.items():
            kept = self._kept(column, picture, line.recipes.get(column))
            figures.append(self._figure(kept, column, line.numbers.get(column, {})))
        anchor = f"p{len(self.sections) + 1}"
        self.sections.append(
            f'<section class="line" id="{anchor}"><h2><a href="#{anchor}">'
            f"{len(self.sections) + 1} · {escape(line.name)}</a></h2>"
            f'<div class="pictures">{"".join(figures)}</div></section>'
        )

    def finish(self, report: Report) -> None:
        """Moves the pictures into place, then the page."""
        text = "\n".join(self._document(report)) + "\n"
        check_place(self.path)
        if self.folder.exists():
            shutil.rmtree(self.folder)
        self.scratch.rename(self.folder)
        write_text(self.path, text)

    def __exit__(self, *error: object) -> None:
        shutil.rmtree(self.scratch, ignore_errors=True)

    def _kept(self, column: str, picture: Tensor, recipe: Mapping[str, Any] | None) -> str:
        """Writes a picture of the next line; what shows it."""
        name = f"{len(self.sections):04}-{column.replace(' ', '-')}.png"
        save_picture(self.scratch / name, picture, recipe)
        address = quote(f"{self.folder.name}/{name}")
        return f'<a href="{address}">{image(address, picture, column)}</a>'

    def _figure(self, shown: str, column: str, numbers: Mapping[str, float]) -> str:
        return (
            f"<figure>{shown}<figcaption><b>{escape(title_of(column))}</b>{written(numbers)}"
            "</figcaption></figure>"
        )

    def _document(self, report: Report) -> Iterator[str]:
        facts = report.protocol
        keys = ("data", "chosen", "size", "network", "device")
        lead = [f"{facts[key]}" for key in keys if key in facts]
        title = escape(report.title)
        yield '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
        yield f"<title>{title}</title><style>{STYLE.read_text(encoding='utf-8')}</style></head>"
        yield f'<body><h1>{title}</h1><p class="lead">{escape(" · ".join(lead))}</p>'
        yield scores_table(report)
        if report.classes:
            yield "<details><summary>Intersection over union of every class</summary>"
            yield f"{self._classes(report)}</details>"
        yield f"<details><summary>How it was measured</summary>{_protocol(facts)}</details>"
        yield f'<p class="lead key">{escape(self._key())}</p>'
        yield f'<main style="--columns:{len(self.columns)}">{self._heads(report)}'
        yield from self.sections
        yield "</main></body></html>"

    def _key(self) -> str:
        """What is shown below."""
        numbers = " · ".join(map(heading, self.numbers))
        under = f"; under each picture its {numbers}" if numbers else ""
        return f"All {len(self.sections)} in order{under}{self.opens}."

    def _heads(self, report: Report) -> str:
        """The heads of the columns, each with what its row is known by."""
        cells = []
        for column in self.columns:
            row = report.rows.get(column, {})
            known = {key: word for key, word in KNOWN_BY.items() if key in row}
            said = " · ".join(f"{row[key]:.3f} {word}" for key, word in known.items())
            cells.append(f"<div><b>{escape(title_of(column))}</b><span>{said}</span></div>")
        return f'<div class="heads">{"".join(cells)}</div>'

    def _classes(self, report: Report) -> str:
        """A row per class, with the colour it is painted in."""
        rows = list(report.classes)
        head = "".join(f"<th>{escape(row)}</th>" for row in rows)
        colors = {} if self.space is None else {x.name: x.color for x in self.space}
        body = []
        for name in next(iter(report.classes.values())):
            chip = "rgb({} {} {})".format(*colors[name]) if name in colors else "transparent"
            values = [report.classes[row][name] for row in rows]
            cells = "".join(f"<td>{'–' if math.isnan(v) else f'{v:.3f}'}</td>" for v in values)
            mark = f'<span class="chip" style="background:{chip}"></span>'
            body.append(f"<tr><th>{mark}{escape(name)}</th>{cells}</tr>")
        return _table(f"<th></th>{head}", body)


def image(address: str, picture: Tensor, name: str) -> str:
    """The element that shows a picture (1, 3, H, W) at an address."""
    height, width = picture.shape[-2:]
    return (
        f'<img src="{address}" width="{width}" height="{height}" alt="{escape(name)}" '
        'loading="lazy" decoding="async">'
    )


def scores_table(report: Report) -> str:
    """The rows as an HTML table; of the methods, the best of every column stands out."""
    (_, *names), *body = grid(report.rows)
    heads = "".join(
        f'<th>{escape(heading(name))}<span class="arrow">{arrow(name)}</span></th>'
        for name in names
    )
    best = {name: _best(report, name) for name in names}
    lines = []
    for row, *cells in body:
        kind = ' class="reference"' if row in REFERENCES else ""
        columns = "".join(
            f'<td class="best">{cell}</td>' if row in best[name] else f"<td>{cell}</td>"
            for name, cell in zip(names, cells, strict=True)
        )
        lines.append(f"<tr{kind}><th>{escape(row)}</th>{columns}</tr>")
    return _table(f"<th></th>{heads}", lines, kind="scores")


def _best(report: Report, name: str) -> list[str]:
    """The rows with the best value of a column; the references do not compete."""
    values = {
        row: columns[name]
        for row, columns in report.rows.items()
        if row not in REFERENCES and math.isfinite(columns.get(name, math.nan))
    }
    if len(values) < 2 or not arrow(name):
        return []
    wanted = max(values.values()) if arrow(name) == "↑" else min(values.values())
    return [row for row, value in values.items() if value == wanted]


def arrow(name: str) -> str:
    """Where better values of a column lie."""
    if name.startswith(HIGHER):
        return "↑"
    return "↓" if name.startswith(LOWER) else ""


def _protocol(facts: Mapping[str, object]) -> str:
    """Names and values; a record's values one below the other."""
    items = []
    for name, value in facts.items():
        if isinstance(value, Mapping):
            lines = (f"<p>{escape(f'{key}: {inner}')}</p>" for key, inner in value.items())
            shown = "".join(lines)
        else:
            shown = escape(str(value))
        items.append(f"<dt>{escape(heading(name))}</dt><dd>{shown}</dd>")
    return f"<dl>{''.join(items)}</dl>"


def _table(head: str, body: Sequence[str], *, kind: str = "classes") -> str:
    return (
        f'<div class="wide"><table class="{kind}"><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table></div>"
    )


def title_of(column: str) -> str:
    """What a column of pictures is called where people read it."""
    return "photo (oracle)" if column == ORACLE else column


def _folder(path: Path) -> Path:
    return path.with_name(f"{path.stem}_files")


def _is_ours(path: Path) -> bool:
    return path.is_file() and OURS.fullmatch(path.name) is not None
