"""Sheets show everything in order, and are there whole or not at all."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from lab.data.streets import STREETS
from lab.images import open_picture, read_recipe, to_tensor
from lab.scoring.page import open_sheet, scores_table
from lab.scoring.report import Report
from lab.scoring.sheet import GAP, LEADING, Line, contact_sheet, strip

REPORT = Report(
    "A <b>title</b>",
    {"pictures": 3, "rows": {"crn": "sees labels"}},
    {
        "oracle": {"mean_iou": 0.9, "kid_judge": 0.0, "kid_judge_deviation": 0.001},
        "crn": {"mean_iou": 0.3, "kid_judge": 0.2, "kid_judge_deviation": 0.001},
        "pix2pixhd": {"mean_iou": 0.5, "kid_judge": float("nan")},
    },
    {"oracle": {"sky": 0.5, "building": float("nan")}},
)


def line(k: int) -> Line:
    pictures = {name: torch.full((1, 3, 20, 40), k / 10) for name in ("layout", "oracle", "crn")}
    return Line(f"frame & {k}", pictures, {"crn": {"accuracy": k / 7}}, {"crn": {"seed": k}})


def shades(count: int, *sizes: tuple[int, int]) -> list[Line]:
    """Lines of one grey each, in pictures of these sizes (height, width)."""
    return [
        Line(
            f"{i}", {f"{k}": torch.full((1, 3, *size), i / 10) for k, size in enumerate(sizes)}, {}
        )
        for i in range(count)
    ]


def test_a_sheet_shows_every_strip_in_order_and_fills_up_with_white() -> None:
    sheet = contact_sheet([strip(each, 9) for each in shades(9, (20, 40), (20, 40))])[0]
    across, step = 2 * (40 + GAP), 20 + GAP  # too narrow for words
    rows, columns = range(GAP + 9, sheet.shape[1], step), range(GAP + 39, sheet.shape[2], across)
    cells = [sheet[0, row, column] for row in rows for column in columns]
    assert len(cells) == 10
    expected = [i / 10 for i in range(9)] + [1.0]
    torch.testing.assert_close(torch.stack(cells), torch.tensor(expected), atol=3e-3, rtol=0)


def test_pictures_keep_their_shape_and_words_stay_off_them() -> None:
    """Each is as large as it is, whatever stands beside it; all else is paper and words."""
    sizes = ((150, 200), (200, 100), (150, 200))
    black = [Line("n", {f"{k}": torch.zeros(1, 3, *size) for k, size in enumerate(sizes)}, {})]
    sheet = contact_sheet([strip(each, 1) for each in black])[0]
    solid = torch.nn.functional.max_pool2d(sheet.amax(0)[None], 9, 1, 4)[0] == 0
    areas = [(h - 8) * (w - 8) for h, w in sizes]
    assert int(solid.sum()) == sum(areas)
    wide, bare = sheet.shape[1], 200 + 2 * GAP
    assert wide > bare + 3 * LEADING  # the line's name, the columns', the numbers
    text = contact_sheet([strip(line(1), 1)], title="title")[0]
    numbered = contact_sheet([strip(replace(line(1), numbers={}), 1)], title="title")[0]
    assert torch.equal(text, numbered)  # 40 pixels wide: no room


def test_what_does_not_fit_is_cut() -> None:
    tall = torch.zeros(1, 3, 100, 140)
    long, other = ({"a": tall, "b" * n: tall} for n in (60, 61))
    sheets = [contact_sheet([strip(Line("name", each, {}), 1)]) for each in (long, other)]
    assert torch.equal(*sheets)


def test_a_large_sheet_can_be_opened_again() -> None:
    for count in (2, 120, 1000):
        picture = torch.rand(1, 3, 64, 128)
        one = strip(Line("frame", dict.fromkeys("abcd", picture), {}), count)
        assert max(contact_sheet([one] * count).shape) <= 4096


def test_a_page_shows_every_picture_in_order_whole(tmp_path: Path) -> None:
    path = tmp_path / "my sheet.html"
    with open_sheet(path, 3, STREETS) as sheet:
        for k in range(3):
            sheet.add(line(k))
        sheet.finish(REPORT)
    assert {p.name for p in tmp_path.iterdir()} == {"my sheet.html", "my sheet_files"}
    text = path.read_text()
    shown = re.findall(r'<img src="my%20sheet_files/([^"]+)"', text)
    names = [f"{k:04}-{column}.png" for k in range(3) for column in ("layout", "oracle", "crn")]
    assert shown == names == sorted(names, key=names.index)
    assert sorted(p.name for p in (tmp_path / "my sheet_files").iterdir()) == sorted(names)
    for k in range(3):
        file = tmp_path / "my sheet_files" / f"{k:04}-crn.png"
        expected = (torch.full((1, 3, 20, 40), k / 10) * 255).round() / 255
        torch.testing.assert_close(to_tensor(open_picture(file)), expected)
        assert read_recipe(file) == {"seed": k}
    assert "frame &amp; 2" in text and "A &lt;b&gt;title" in text and "<b>title" not in text
    assert f"{2 / 7:.3f}" in text and "rgb(128 128 128)" in text


def test_a_page_replaces_its_own_pictures_and_no_others(tmp_path: Path) -> None:
    path = tmp_path / "sheet.html"
    for count in (3, 2):
        with open_sheet(path, count) as sheet:
            for k in range(count):
                sheet.add(line(k))
            sheet.finish(REPORT)
    assert len(list((tmp_path / "sheet_files").iterdir())) == 6
    (tmp_path / "sheet_files" / "thesis.txt").write_text("mine")
    with pytest.raises(ValueError, match="it holds other things"):
        open_sheet(path, 2)
    assert (tmp_path / "sheet_files" / "thesis.txt").read_text() == "mine"
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("name", ["sheet.html", "sheet.png"])
def test_an_unfinished_sheet_leaves_nothing(tmp_path: Path, name: str) -> None:
    with pytest.raises(RuntimeError), open_sheet(tmp_path / name, 2) as sheet:
        sheet.add(line(0))
        raise RuntimeError
    assert not list(tmp_path.iterdir())


def test_a_sheet_of_thumbnails_carries_the_protocol(tmp_path: Path) -> None:
    with open_sheet(tmp_path / "sheet.png", 3) as sheet:
        for k in range(3):
            sheet.add(line(k))
        sheet.finish(REPORT)
    assert read_recipe(tmp_path / "sheet.png") == {"evaluation": REPORT.protocol}


def test_the_table_marks_the_best_method_and_not_a_reference() -> None:
    table = scores_table(REPORT)
    assert table.count('class="best"') == 1 and '<td class="best">0.5</td>' in table
    assert "0.2 ± 0.001" in table and "<td>–</td>" in table
    assert 'class="reference"><th>oracle' in table
