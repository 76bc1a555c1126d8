"""The Transfer tab's endpoints, called as programs call them."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from lab import images
from lab.lab import Lab
from lab.ui import LAUNCH, build_app, transfer_api
from lab.ui.drawing import decode
from lab.ui.transfer_choices import SLOTS, STYLE_SPACE
from lab.videos.reading import open_video, read_video_recipe
from tests.videos import clips

ENDPOINTS = ("/transfer", "/transfer_matrices", "/transfer_video", "/transfer_large")


@pytest.fixture(scope="module")
def served(
    tiny_checkpoints: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Lab, str]]:
    """The lab and the address at which it is served."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(tmp_path_factory.mktemp("cache")))
        lab = Lab(device="cpu", checkpoints=tiny_checkpoints)
        app = build_app(lab)
        _, url, _ = app.launch(prevent_thread_lock=True, quiet=True, **LAUNCH)
        yield lab, url
        app.close()


@pytest.fixture
def client(served, tmp_path: Path) -> Client:
    return Client(served[1], verbose=False, download_files=str(tmp_path))


@pytest.fixture
def files(pictures: list[str]) -> dict:
    """Content and two styles, as the endpoints take them."""
    names = ("content", "style", "style_2")
    return {name: handle_file(path) for name, path in zip(names, pictures, strict=True)}


def test_every_endpoint_is_named_described_and_typed(client: Client) -> None:
    known = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    for name in ENDPOINTS:
        assert len(known[name]["description"]) > 40
        parameters = {each["parameter_name"]: each for each in known[name]["parameters"]}
        needed = {key for key, each in parameters.items() if not each["parameter_has_default"]}
        assert needed == {"content", "style"}
        assert {"weight_4", "regions", "colour", "form", "rank", "photorealistic"} <= set(
            parameters
        )
        assert all(each["label"] and each["python_type"]["type"] for each in parameters.values())


def test_a_transfer_with_everything(client: Client, files: dict, tmp_path: Path) -> None:
    ids = np.arange(90) // 45 * np.ones((60, 1))
    Image.fromarray(ids.astype(np.uint8)).save(tmp_path / "ids.png")
    asked = {"strength": 0.5, "colour": "matched", "style_scale": 0.5, "form": "wct", "rank": 2}
    asked |= {"photorealistic": True, "radius": 4, "detail": 0.5, "softness": 2}
    path, recipe = client.predict(
        **files, **asked, regions=handle_file(tmp_path / "ids.png"), api_name="/transfer"
    )
    assert images.read_recipe(path) == recipe
    assert {key: recipe[key] for key in asked} == asked and "regions" in recipe
    assert "weights" not in recipe  # regions leave them no say


def test_the_same_question_has_the_same_answer_whoever_asks(served, files: dict) -> None:
    answers = []
    for _ in range(2):
        client = Client(served[1], verbose=False)
        path, _ = client.predict(**files, weight_2=0.5, api_name="/transfer")
        answers.append(Path(path).read_bytes())
    assert answers[0] == answers[1]


def test_the_matrices(client: Client, files: dict) -> None:
    (npz, tables), errors = client.predict(**files, api_name="/transfer_matrices")
    with np.load(npz) as stored:
        assert stored["matrix"].shape == (8, 8)
        assert dict(zip(stored["error_names"], stored["errors"], strict=True)) == errors
    assert tables.endswith(".zip")


def test_a_video(client: Client, files: dict, tmp_path: Path) -> None:
    clip = clips.make(tmp_path / "clip.mp4")
    asked = {**files, "content": handle_file(clip), "steady": "frozen", "size": 256}
    job = client.submit(**asked, api_name="/transfer_video")
    path, report = job.result(timeout=120)
    assert open_video(path).frames == 12 and report["progress"] == 1
    assert read_video_recipe(path) == report["recipe"]
    shares = [told["progress"] for _, told in job.outputs()]
    assert len(shares) > 5 and shares == sorted(shares)


def test_a_cancelled_video_stops_on_the_server(
    served, client: Client, files: dict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []
    stylizer = served[0].stylizer("linear-fast")
    stylize = stylizer.stylize

    def slowly(*args, **more) -> torch.Tensor:
        drawn.append(1)
        time.sleep(0.2)
        return stylize(*args, **more)

    monkeypatch.setattr(stylizer, "stylize", slowly)
    clip = clips.make(tmp_path / "clip.mp4", clips.pictures(60))
    asked = {**files, "content": handle_file(clip)}
    job = client.submit(**asked, api_name="/transfer_video")
    end = time.monotonic() + 60
    while len(drawn) < 3 and time.monotonic() < end:
        time.sleep(0.05)
    assert job.cancel()
    time.sleep(1.5)
    after = len(drawn)
    time.sleep(1.5)
    assert 3 <= after < 60 and len(drawn) <= after


def test_a_large_picture(client: Client, files: dict) -> None:
    path, report = client.predict(**files, api_name="/transfer_large")
    assert images.open_picture(path).size == (90, 60) == tuple(report["recipe"]["size"])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"strength": 2}, "2"),
        ({"method": "../town"}, "town"),
        ({"weight_1": 0, "weight_2": 0}, "weights"),
    ],
    ids=json.dumps,
)
def test_what_is_asked_wrongly_is_one_sentence(client: Client, files: dict, wrong, said) -> None:
    with pytest.raises(AppError, match=said) as caught:
        client.predict(**files, **wrong, api_name="/transfer")
    assert "Traceback" not in str(caught.value)


def test_no_file_of_the_server_can_be_named(client: Client, files: dict) -> None:
    secret = {"path": "/etc/hostname", "meta": {"_type": "gradio.FileData"}}
    for name in ("/transfer", "/transfer_large"):
        with pytest.raises(AppError):
            client.predict(**{**files, "content": secret}, api_name=name)


@pytest.mark.parametrize(
    ("given", "expected"),
    [((0, 1, 2, 3), [0, 1, 2, 3]), ((0, 2), [0, 2]), ((1, 2, 3), [1, 2, 3]), ((0,), [0])],
)
def test_ids_of_regions_count_the_styles_that_are_given(tmp_path: Path, given, expected) -> None:
    """0 is the first of them, whatever parameter it came in; too large an id is the last one's."""
    ids = np.arange(40) // 10 * np.ones((20, 1))
    Image.fromarray(ids.astype(np.uint8)).save(tmp_path / "ids.png")
    paths = ["x.png" if slot in given else None for slot in range(SLOTS)]
    weights = {f"weight_{k}": 1 for k in range(1, 5)}
    choices = transfer_api.choices_of(
        str(tmp_path / "ids.png"), paths, method="linear-fast", **weights
    )
    found = decode(choices.regions, STYLE_SPACE).labels[0, 0].unique_consecutive().tolist()
    assert found == expected


def test_a_map_with_a_fifth_region_is_refused(tmp_path: Path) -> None:
    Image.fromarray(np.full((20, 20), 4, np.uint8)).save(tmp_path / "ids.png")
    weights = {f"weight_{k}": 1 for k in range(1, 5)}
    with pytest.raises(ValueError, match="0 to 3"):
        transfer_api.choices_of(str(tmp_path / "ids.png"), method="linear-fast", **weights)


def test_a_file_that_is_no_picture_is_named_without_where_it_lies(
    served: tuple[Lab, str], pictures: list[str], tmp_path: Path
) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\nand no more")
    client = Client(served[1], verbose=False)
    for content, style in ((broken, pictures[1]), (pictures[0], broken)):
        with pytest.raises(AppError, match=r"^broken\.png is ") as refused:
            client.predict(
                content=handle_file(content), style=handle_file(style), api_name="/transfer"
            )
        assert "/" not in str(refused.value) and "component" not in str(refused.value)
