"""Videos: what flickers is told from what holds still, above the video's own floor."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from lab.scoring.clips import Clips, score_clips
from lab.scoring.page import open_sheet
from lab.scoring.stylizers import TransferMethod, load_stylizers
from tests.scoring.moving import save_video
from tests.tiny import save_linear_fast, save_vgg_stylizer

pytest.importorskip("av", reason="videos need PyAV")
pytest.importorskip("cv2", reason="temporal errors need OpenCV")

CPU = torch.device("cpu")
ERRORS = ("temporal_error_1", "temporal_error_10")


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """A video of 12 frames of 64x48, a soft picture that moves a pixel a frame, and two styles."""
    contents, styles = tmp_path / "in", tmp_path / "by"
    contents.mkdir()
    styles.mkdir()
    save_video(contents / "pan.mp4")
    for name in "xy":
        pixels = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(styles / f"{name}.png")
    return contents, styles


def method(row: str, draw: Callable[[Tensor], Tensor]) -> TransferMethod:
    """One that knows nothing of styles."""
    return TransferMethod(
        row, lambda x, _: draw(x), row, lambda style: None, draw_frame=lambda x, _, __: draw(x)
    )


def test_what_changes_nothing_is_the_floor_and_noise_is_above_it(folders) -> None:
    still = method("still", lambda frame: frame)
    noisy = method("noisy", lambda frame: frame + 0.1 * torch.randn_like(frame))
    report = score_clips(
        Clips(*folders, size=64, limit=1), [still, noisy], device=CPU, steady="free"
    )
    assert list(report.rows) == ["content", "still", "noisy"]
    floor, same, noise = report.rows.values()
    assert list(floor) == list(ERRORS) and same == floor
    assert noise["temporal_error_1"] == pytest.approx(2 * 0.1**2, rel=0.3)
    assert floor["temporal_error_1"] < 0.1 * noise["temporal_error_1"]
    (entry,) = report.videos
    assert entry["name"] == "pan.mp4 in the style of x" and entry["size"] == [64, 48]
    assert entry["frames"] == 12 and entry["shots"] == 1 and 0 < entry["trusted"][1] <= 1
    assert entry["sources"]["content"]["file"] == "in/pan.mp4"


def test_each_video_in_each_style_by_all_that_draw_videos(folders, tmp_path: Path) -> None:
    root = tmp_path / "checkpoints"
    save_linear_fast(root)
    save_vgg_stylizer(root, "gatys")
    methods, _ = load_stylizers(None, root, CPU)
    clips = Clips(*folders, size=32)
    with open_sheet(tmp_path / "sheet.html", len(clips)) as sheet:
        report = score_clips(clips, methods, device=CPU, steady="frozen", sheet=sheet)
        sheet.finish(report)
    assert [entry["name"][-1] for entry in report.videos] == ["x", "y"]
    assert list(report.rows) == ["content", "linear-fast"]
    assert "temporal_error_1_deviation" in report.rows["linear-fast"]
    assert report.protocol["draw_no_videos"] == "gatys"
    assert report.protocol["temporal_error"].endswith("frozen")
    names = {path.name for path in (tmp_path / "sheet_files").iterdir()}
    columns = ("content", "style", "linear-fast", "gatys")
    assert names == {f"{k:04}-{column}.png" for k in range(2) for column in columns}


def test_maps_that_are_kept_flicker_less_than_free_ones(folders, tmp_path: Path) -> None:
    """A method whose map is another one in every frame, as often as it is computed."""

    class Drifting:
        def __call__(self, frame, look, settle):
            gain = settle((0, 0), lambda: torch.rand(()))
            return (frame * gain).clamp(0, 1)

    own = TransferMethod("own", lambda x, _: x, "", lambda style: None, draw_frame=Drifting())
    clips = Clips(*folders, size=64, limit=1)
    frozen, free = (
        score_clips(clips, [own], device=CPU, steady=steady).rows["own"]["temporal_error_1"]
        for steady in ("frozen", "free")
    )
    assert frozen < 0.1 * free


def test_a_folder_without_videos_has_no_clips(folders) -> None:
    _, styles = folders
    assert len(Clips(styles, styles, size=64)) == 0
    report = score_clips(Clips(styles, styles, size=64), [], device=CPU)
    assert report.rows == {} and report.videos == []


def test_a_file_that_is_no_video_is_named(folders) -> None:
    contents, _ = folders
    (contents / "text.avi").write_text("no video")
    still = method("still", lambda frame: frame)
    with pytest.raises(ValueError, match=r"text.avi is no readable video"):
        score_clips(Clips(*folders, size=64), [still], device=CPU)
