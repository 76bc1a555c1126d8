"""Videos and very large pictures: drawn whole, told step by step, ended when cancelled."""

import time
from dataclasses import replace
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from lab import images
from lab.lab import Lab
from lab.limits import LARGE
from lab.pipelines import controls
from lab.pipelines.controls import draw, encode_styles
from lab.ui import LAUNCH, transfer_large, transfer_video
from lab.ui.transfer_choices import Choices
from lab.ui.transfer_video import Film
from lab.videos.reading import open_video, read_video_recipe
from tests.tiny import save_vgg_stylizer
from tests.videos.clips import make

FAST = Choices("linear-fast", size=64)


@pytest.fixture
def clip(tmp_path: Path) -> str:
    return str(make(tmp_path / "clip.mp4"))


@pytest.fixture
def kept(lab: Lab, tmp_path: Path) -> Path:
    """Where this test's files come to lie."""
    return tmp_path / "pictures" / "atelier"


# --- videos --------------------------------------------------------------------------------------


@pytest.mark.parametrize("steady", ["carried", "smooth", "frozen", "free"])
def test_a_video_is_drawn_whole_and_carries_its_recipe(lab: Lab, pictures, clip, steady) -> None:
    film = Film(clip, steady)
    *steps, (path, line, table, save) = transfer_video.show(lab, film, FAST, pictures[1:])
    assert len(steps) == 1 + 12 and "100% drawn" in steps[-1][1]
    drawn, source = open_video(path), open_video(clip)
    assert (drawn.size, drawn.frames, drawn.rate) == (source.size, 12, source.rate)
    assert drawn.sound and save["value"] == path and table == ""
    recipe = read_video_recipe(path)
    assert recipe["steady"] == steady and len(recipe["styles"]) == 2
    assert "12 frames of 64 × 48" in line


def test_the_flicker_is_measured_on_request(lab: Lab, pictures, clip) -> None:
    pytest.importorskip("cv2")
    *_, (_, _, table, _) = transfer_video.show(lab, Film(clip, temporal=True), FAST, pictures[1:2])
    assert [line.split("|")[1].strip() for line in table.splitlines()[2:]] == ["1", "10"]


def test_until_a_video_is_whole_the_last_one_can_be_seen_and_saved(
    lab: Lab, pictures, clip
) -> None:
    """Whenever it is cancelled, or fails, result, table and Save are as they were."""
    *steps, _ = transfer_video.show(lab, Film(clip), FAST, pictures[1:])
    kept = [(video, table, save) for video, _, table, save in steps]
    assert len(kept) == 13 and kept == [(gr.skip(),) * 3] * len(kept)


def test_a_cancelled_video_leaves_nothing_behind(lab: Lab, pictures, clip, kept: Path) -> None:
    steps = transfer_video.show(lab, Film(clip), FAST, pictures[1:])
    for _ in range(3):
        next(steps)
    steps.close()
    for _ in range(100):
        if not list(kept.glob(".*")):
            break
        time.sleep(0.05)
    assert not list(kept.glob("*.mp4")) and not list(kept.glob(".*"))


def test_what_cannot_be_drawn_is_one_sentence(
    lab: Lab, pictures, clip, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(path: str, styles: list) -> list:
        return list(transfer_video.show(lab, Film(path), FAST, styles))

    with pytest.raises(gr.Error, match="no video yet"):
        asked("", pictures[1:])
    with pytest.raises(gr.Error, match="no style"):
        asked(clip, [None] * 4)
    with pytest.raises(gr.Error, match=r"0\.png"):
        asked(pictures[0], pictures[1:])
    monkeypatch.setattr(transfer_video, "MOST_FRAMES", 5)
    with pytest.raises(gr.Error, match="at most 5 frames"):
        asked(clip, pictures[1:])


@pytest.mark.parametrize("told", [None, 3])
def test_a_video_longer_than_its_header_says_ends_where_others_do(
    lab: Lab, pictures, clip, kept: Path, told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer_video, "MOST_FRAMES", 5)
    monkeypatch.setattr(
        transfer_video, "open_video", lambda path: replace(open_video(path), frames=told)
    )
    steps = transfer_video.show(lab, Film(clip), FAST, pictures[1:])
    with pytest.raises(gr.Error, match=r"more frames .* at most 5 frames"):
        list(steps)
    assert not list(kept.glob("*.mp4")) and not list(kept.glob(".*"))


def test_a_method_that_optimises_draws_no_videos(tmp_path: Path, pictures, clip) -> None:
    save_vgg_stylizer(tmp_path, "gatys")
    lab = Lab(device="cpu", checkpoints=tmp_path)
    with pytest.raises(gr.Error, match="choose another method"):
        list(transfer_video.show(lab, Film(clip), Choices("gatys"), pictures[1:2]))
    with pytest.raises(gr.Error, match="choose another method"):
        list(transfer_large.show(lab, pictures[0], Choices("gatys"), pictures[1:2]))


# --- large pictures ------------------------------------------------------------------------------


@pytest.fixture
def large(tmp_path: Path) -> str:
    pixels = np.random.default_rng(9).integers(0, 256, (150, 220, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "large.png")
    return str(tmp_path / "large.png")


def test_a_large_picture_keeps_its_size_and_is_that_of_one_piece(
    lab: Lab, pictures, large: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(controls, "TILE", 64)
    monkeypatch.setattr(controls, "TILES_FROM", 1000)
    monkeypatch.setattr(transfer_large, "PREVIEW", 100)
    choices = replace(FAST, size=40)
    *steps, (preview, line, save) = transfer_large.show(lab, large, choices, pictures[1:2])
    assert len(steps) > 4 and "220 × 150" in line
    assert max(images.open_picture(preview).size) == 100
    found = images.open_picture(save["value"])
    assert found.size == (220, 150) == tuple(images.read_recipe(save["value"])["size"])
    content = images.to_tensor(images.open_picture(large))
    style = images.to_tensor(images.open_picture(pictures[1]))
    whole = controls.Controls(tile=0)
    stylizer = lab.stylizer("linear-fast")
    styles = encode_styles(stylizer, [style], whole, content=content)
    expected = images.to_pil(draw(stylizer, content, styles, whole))
    assert np.abs(np.asarray(found, int) - np.asarray(expected, int)).max() <= 1


def test_a_cancelled_picture_leaves_nothing_behind(
    lab: Lab, pictures, large: str, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(controls, "TILE", 32)
    monkeypatch.setattr(controls, "TILES_FROM", 1000)
    steps = transfer_large.show(lab, large, FAST, pictures[1:2])
    for _ in range(3):
        next(steps)
    steps.close()
    assert not list(kept.glob("*.png"))


def test_until_a_picture_is_whole_the_last_one_can_be_seen_and_saved(
    lab: Lab, pictures, large: str
) -> None:
    *steps, _ = transfer_large.show(lab, large, FAST, pictures[1:2])
    kept = [(preview, save) for preview, _, save in steps]
    assert len(kept) > 1 and kept == [(gr.skip(),) * 2] * len(kept)


def test_the_page_lets_large_pictures_in(lab: Lab) -> None:
    from lab.ui import build_app

    build_app(lab)
    assert LARGE.pixels <= Image.MAX_IMAGE_PIXELS
    assert int(LAUNCH["max_file_size"].removesuffix("mb")) >= 100


def test_no_picture_is_explained(lab: Lab, pictures) -> None:
    with pytest.raises(gr.Error, match="no picture yet"):
        list(transfer_large.show(lab, None, FAST, pictures[1:]))
