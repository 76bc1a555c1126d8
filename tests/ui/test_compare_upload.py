"""Pictures of other implementations are scored as our own are."""

import io
import zipfile
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from lab import images
from lab.lab import Lab
from lab.scoring.methods import ORACLE
from lab.ui import compare_inputs
from lab.ui import compare_scenes as scenes
from lab.ui import compare_synthesis as synthesis
from lab.ui.compare_inputs import PAIRS, inputs, names_of, tasks
from lab.ui.compare_upload import MOST, Scored, row_of, score
from lab.ui.compare_zips import files, page_of, score_upload
from tests.tiny import save_judge, save_linear_fast, save_palette, save_streets


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("checkpoints")
    save_streets(root, "town", seed=1)
    save_palette(root, "town")
    save_judge(root, "town")
    save_linear_fast(root)
    card = root / "town" / "card.json"
    card.write_text(card.read_text().replace('"domain": "streets"', '"domain": "town"'))
    return root


@pytest.fixture
def lab(checkpoints: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "pictures"))
    return Lab(device="cpu", checkpoints=checkpoints)


def pack(path: Path, pictures: dict[str, Image.Image]) -> str:
    with zipfile.ZipFile(path, "w") as archive:
        for name, picture in pictures.items():
            stored = io.BytesIO()
            picture.save(stored, "PNG")
            archive.writestr(f"{name}.png", stored.getvalue())
    return str(path)


def last(scoring) -> Scored:
    *_, (scored, _) = scoring
    return scored


def grey(size: tuple[int, int] = (64, 32)) -> Image.Image:
    return Image.new("RGB", size, (120, 120, 120))


def test_the_true_pictures_sent_in_score_as_the_photographs(lab: Lab, tmp_path: Path) -> None:
    """Whoever draws exactly what was photographed gets exactly the oracle's numbers."""
    size = scenes.size_of(lab, "town")
    true = {n: scenes.input_scene("town", n, size).photo for n in ("street-1", "street-3")}
    path = pack(tmp_path / "perfect.zip", {n: images.to_pil(photo) for n, photo in true.items()})
    rows = last(score(lab, [path], "town", False)).rows
    assert list(rows) == [ORACLE, "upload 1 perfect"]
    for column in ("pixel_accuracy", "mean_iou", "of_oracle", "distance_judge"):
        assert rows["upload 1 perfect"][column] == pytest.approx(rows[ORACLE][column]), column
    assert rows["upload 1 perfect"]["ssim"] == pytest.approx(1, abs=1e-6)


def test_our_own_pictures_sent_in_score_as_our_own(lab: Lab, tmp_path: Path) -> None:
    drawn = {}
    for name in ("street-1", "street-2"):
        *_, (comparison, _) = synthesis.compare(lab, "town", name, 0)
        path = next(p.path for p in comparison.pictures if p.name == "pix2pixhd")
        drawn[name] = images.open_picture(path)
    scored = last(score(lab, [pack(tmp_path / "copy.zip", drawn)], "town", True))
    own, sent = scored.rows["pix2pixhd"], scored.rows["upload 1 copy"]
    assert {"seconds"} == set(own) - set(sent)
    for column, value in sent.items():
        assert value == pytest.approx(own[column]), column
    assert [page.subject for page in scored.pages] == ["street-1", "street-2"]
    for page in scored.pages:
        assert page.rows["upload 1 copy"]["psnr"] == page.rows["pix2pixhd"]["psnr"]


def test_rows_share_their_inputs_and_sizes(lab: Lab, tmp_path: Path) -> None:
    first = pack(tmp_path / "a.zip", {"street-1": grey(), "street-2": grey((128, 64))})
    second = pack(tmp_path / "b.zip", {"street-2": grey(), "street-4": grey()})
    scored = last(score(lab, [first, second], "town", False))
    assert [page.subject for page in scored.pages] == ["street-2"]
    assert scored.rows["upload 1 a"] == scored.rows["upload 2 b"]  # grey at any size is grey
    assert "1 of 8" in scored.pages[0].protocol["data"]


def test_pairs_are_scored_too(lab: Lab, tmp_path: Path) -> None:
    name = names_of(PAIRS)[0]
    scored = last(score(lab, [pack(tmp_path / "z.zip", {name: grey()})], PAIRS, True))
    assert list(scored.rows) == ["content", "style", "linear-fast", "upload 1 z"]
    assert [p.name for p in scored.pages[0].pictures] == list(scored.rows)
    assert "seconds" in scored.rows["linear-fast"]


def test_the_inputs_can_be_taken_and_come_back_by_name(lab: Lab) -> None:
    assert tasks(lab) == ["town", PAIRS]
    with zipfile.ZipFile(inputs(lab, "town")) as archive:
        found = archive.namelist()
        labels = np.asarray(Image.open(io.BytesIO(archive.read("val_label/street-1.png"))))
    scene = scenes.input_scene("town", "street-1", scenes.size_of(lab, "town"))
    assert np.array_equal(labels, scene.layout.labels[0].numpy())
    assert sorted({Path(n).stem for n in found}) == sorted(names_of("town"))
    assert {Path(n).parent.name for n in found} == {"val_label", "val_inst", "val_img"}
    with zipfile.ZipFile(inputs(lab, PAIRS)) as archive:
        stems = [Path(n).stem for n in archive.namelist()]
    assert {part for name in names_of(PAIRS) for part in name.split("__")} == set(stems)


def test_a_zip_that_was_broken_off_is_not_offered(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = compare_inputs.scenes.input_scene

    def breaks(domain: str, name: str, size: tuple[int, int]):
        if name == "street-3":
            raise ValueError("The disk is full.")
        return whole(domain, name, size)

    with monkeypatch.context() as patch:
        patch.setattr(compare_inputs.scenes, "input_scene", breaks)
        with pytest.raises(gr.Error, match="disk is full"):
            inputs(lab, "town")
    assert not list((tmp_path / "pictures").rglob("*zip*"))
    with zipfile.ZipFile(inputs(lab, "town")) as archive:
        assert archive.testzip() is None and "val_inst/street-8.png" in archive.namelist()


def test_what_cannot_be_scored_is_one_sentence(lab: Lab, tmp_path: Path) -> None:
    good = pack(tmp_path / "a.zip", {"street-1": grey()})
    other = pack(tmp_path / "b.zip", {"street-2": grey()})
    bad = pack(tmp_path / "c.zip", {"../street-1": grey()})
    for paths, task, words in (
        (None, "town", "Upload a zip"),
        ([good] * (MOST + 1), "town", "at most 4"),
        ([good], "faces", "faces"),
        ([good, other], "town", "in common"),
        ([bad], "town", "outside"),
    ):
        with pytest.raises(gr.Error, match=words) as caught:
            list(score_upload(lab, paths, task, False))
        assert "\n" not in str(caught.value)


def test_a_row_is_called_after_its_file_and_like_no_method() -> None:
    assert row_of("/tmp/x/My net (v2).zip", 1) == "upload 1 My-net--v2"
    assert row_of("/tmp/=cmd|' /C.zip", 3).startswith("upload 3 ")
    assert row_of("/tmp/....zip", 2) == "upload 2 zip"
    assert "<" not in row_of("<script>.zip", 1)


def test_the_input_a_visitor_looks_at_stays_while_others_are_scored(lab: Lab, tmp_path) -> None:
    path = pack(tmp_path / "a.zip", {f"street-{k}": grey() for k in (1, 2, 3)})
    menus, panes = [], []
    for _, _, menu, value, _, _ in score_upload(lab, [path], "town", False):
        menus += [menu] * ("choices" in menu)
        panes += [value] * ("panes" in value)
    assert [len(menu["choices"]) for menu in menus] == [0, 1, 2, 3]
    assert [menu.get("value", "kept") for menu in menus] == [None, "street-1", "kept", "kept"]
    assert [len(value["panes"]) for value in panes] == [0, 3]


def test_the_shown_input_can_be_chosen_and_all_taken_away(lab: Lab, tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"street-1": grey(), "street-2": grey()})
    scored = last(score(lab, [path], "town", False))
    page, value = page_of(scored, "street-2")
    assert page.subject == "street-2" and len(value["panes"]) == 3
    assert page_of(scored, "street-9")[0] is None and page_of(None, None)[0] is None
    report, numbers = files(scored)
    assert Path(report).read_text().count("<section") == 2
    assert "upload 1 a" in Path(numbers).read_text() and files(None) == (None, None)
