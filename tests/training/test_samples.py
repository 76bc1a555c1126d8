"""Contact sheets hold everything in order; the table of networks says what the cards say."""

import io

import pytest
from PIL import Image

from lab.card import CHECKPOINTS, list_cards, read_card
from lab.checkpoint import load
from lab.images import fit, open_picture, to_pil, to_tensor
from lab.patterns import CONTENTS, STYLES, examples
from tests.tiny import save_judge, save_linear_fast
from training.samples import GAP, LARGEST, SHEET, drawings, main, packed, sheet
from training.summary import END, START, inserted, measured, seen, table


def test_the_sheet_holds_every_picture_in_its_place() -> None:
    shown = [Image.new("RGB", (320, 160), (10 * k, 0, 255 - 10 * k)) for k in range(23)]
    page = sheet(shown)
    assert page.size[0] == SHEET
    columns = 5
    tile = (SHEET - GAP * (columns - 1)) // columns
    for place, picture in enumerate(shown):
        x = place % columns * (tile + GAP) + tile // 2
        y = place // columns * (tile // 2 + GAP) + tile // 4
        assert page.getpixel((x, y)) == picture.getpixel((0, 0))


def test_the_packed_sheet_is_as_good_as_the_room_allows() -> None:
    page = Image.effect_noise((400, 400), 80).convert("RGB")
    small, large = packed(page, 60_000), packed(page, 120_000)
    assert len(small) <= 60_000 < len(large) <= 120_000
    assert Image.open(io.BytesIO(large)).size == page.size
    with pytest.raises(ValueError, match="--limit"):
        packed(page, 1000)


def test_a_sheet_too_large_for_its_file_is_shrunk() -> None:
    page = Image.effect_noise((400, 400), 80).convert("RGB")
    width, height = Image.open(io.BytesIO(packed(page, 30_000))).size
    assert 200 <= width == height < 400


def test_a_judge_draws_nothing(tmp_path, capsys) -> None:
    save_judge(tmp_path)
    assert main([str(tmp_path / "segmenter-streets")]) == 2
    assert "draws nothing" in capsys.readouterr().err


def test_styles_are_shown_on_our_own_pictures_alone(tmp_path) -> None:
    """What is made of a photograph still shows it, and those of the data are not ours."""
    save_linear_fast(tmp_path)
    card, pipeline = read_card(tmp_path / "linear-fast"), load("linear-fast", root=tmp_path)
    drawn = list(drawings(card, pipeline, tmp_path, 10))
    content, *styles = examples(CONTENTS)[0], *examples(STYLES)
    first = pipeline(*(to_tensor(open_picture(path)) for path in (content, styles[1])))
    assert len(drawn) == 10 and drawn[1].tobytes() == fit(to_pil(first), LARGEST).tobytes()


def test_pictures_seen_are_steps_times_batch() -> None:
    stages = [{"steps": 10, "batch": 4}, {"steps": 5, "batch": 1}]
    assert seen({"stages": stages, "steps": 15}) == "45"
    assert seen({"pictures": 7}) == "7" and seen({"steps": 3}) == "3 steps"


def test_rows_of_photographs_are_told_of_judges_alone() -> None:
    rows = {"oracle": {"mean_iou": 0.5}, "mine": {"mean_iou": 0.25, "psnr": 9.0}}
    assert measured(rows, judge=False) == "mine: mIoU 0.25"
    assert measured(rows, judge=True) == "oracle: mIoU 0.5; mine: mIoU 0.25"
    assert measured({}, judge=False) == "not measured"


def test_the_stored_table_is_that_of_the_cards() -> None:
    text = (CHECKPOINTS / "README.md").read_text(encoding="utf-8")
    assert inserted(text, table(list_cards())) == text


def test_a_text_without_marks_is_refused() -> None:
    assert inserted(f"a{START}old{END}b", "new") == f"a{START}\n\nnew\n\n{END}b"
    with pytest.raises(ValueError, match="must hold"):
        inserted(f"{END} {START}", "new")
