"""A page in one file needs nothing else."""

import base64
import io
import re
from pathlib import Path

import torch
from PIL import Image

from lab.images import read_recipe
from lab.scoring.one_file import OneFile
from lab.scoring.report import Report
from lab.scoring.sheet import Line


def test_everything_is_inside_and_nothing_is_asked_for(tmp_path: Path) -> None:
    pictures = {"layout": torch.zeros(1, 3, 8, 16), 'c"rn': torch.full((1, 3, 8, 16), 0.6)}
    report = Report("<T>", {"data": "street-1"}, {'c"rn': {"psnr": 12.5}})
    path = tmp_path / "report.html"
    with OneFile(path, 1) as page:
        page.add(Line("street-1", pictures, {'c"rn': {"psnr": 12.5}}, {'c"rn': {"seed": 3}}))
        page.finish(report)
    assert [each.name for each in tmp_path.iterdir()] == ["report.html"]
    text = path.read_text()
    sources = re.findall(r'src="([^"]*)"', text)
    assert len(sources) == 2 and all(each.startswith("data:image/png;base64,") for each in sources)
    assert not re.search(r"https?://|url\(|<script|<link|href=\"(?!#)", text)
    stored = base64.b64decode(sources[1].partition(",")[2])
    with Image.open(io.BytesIO(stored)) as drawn:
        assert drawn.size == (16, 8) and drawn.getpixel((3, 3)) == (153, 153, 153)
    (tmp_path / "again.png").write_bytes(stored)
    assert read_recipe(tmp_path / "again.png") == {"seed": 3}
    assert "12.5" in text and "&lt;T&gt;" in text and "c&quot;rn" in text


def test_what_was_not_finished_leaves_nothing(tmp_path: Path) -> None:
    with OneFile(tmp_path / "report.html", 1) as page:
        page.add(Line("a", {"x": torch.zeros(1, 3, 8, 8)}, {}))
    assert list(tmp_path.iterdir()) == []
