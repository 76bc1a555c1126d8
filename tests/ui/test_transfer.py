"""The Transfer tab's handlers as plain functions."""

from pathlib import Path

import gradio as gr
import numpy as np
import pytest
import torch
from PIL import Image

from lab import images
from lab.lab import Lab
from lab.ui import transfer_handlers


@pytest.fixture
def pictures(tmp_path: Path) -> list[str]:
    paths = []
    for k, size in enumerate(((90, 60), (40, 40), (50, 30))):
        pixels = np.random.default_rng(k).integers(0, 256, (*size[::-1], 3), dtype=np.uint8)
        paths.append(str(tmp_path / f"{k}.png"))
        Image.fromarray(pixels).save(paths[-1])
    return paths


def test_one_style_equals_the_pipeline_itself(lab: Lab, pictures: list[str]) -> None:
    encoded = transfer_handlers.encode(lab, "linear-fast", [*pictures[:2], None], 512)
    drawn = transfer_handlers.stylize(lab, encoded, 0.5, 1.0)
    content, style = (images.to_tensor(images.open_picture(path)) for path in pictures[:2])
    expected = images.to_pil(lab.stylizer("linear-fast")(content, style))
    difference = np.abs(np.asarray(images.open_picture(drawn.path), int) - np.asarray(expected))
    assert difference.max() <= 1


@pytest.mark.parametrize(("mix", "alone"), [(0.0, 1), (1.0, 2)])
def test_the_ends_of_the_mix_are_the_styles_alone(
    lab: Lab, pictures: list[str], mix: float, alone: int
) -> None:
    both = transfer_handlers.encode(lab, "linear-fast", pictures, 512)
    one = transfer_handlers.encode(lab, "linear-fast", [pictures[0], pictures[alone], None], 512)
    paths = [
        transfer_handlers.stylize(lab, both, mix, 1.0).path,
        transfer_handlers.stylize(lab, one, 0.3, 1.0).path,
    ]
    first, second = (np.asarray(images.open_picture(path), int) for path in paths)
    assert np.abs(first - second).max() <= 1


def test_pictures_are_shrunk_to_the_size_and_never_enlarged(lab: Lab, pictures) -> None:
    for size, expected in ((45, (45, 30)), (512, (90, 60))):
        encoded = transfer_handlers.encode(lab, "linear-fast", [*pictures[:2], None], size)
        assert images.open_picture(encoded.content).size == expected


def test_the_recipe_of_a_transfer(lab: Lab, pictures: list[str]) -> None:
    encoded = transfer_handlers.encode(lab, "linear-fast", pictures, 512)
    recipe = images.read_recipe(transfer_handlers.stylize(lab, encoded, 0.25, 0.5).path)
    assert recipe["weights"] == [0.75, 0.25] and recipe["strength"] == 0.5
    assert [recipe["content"], *recipe["styles"]] == list(encoded.digests)


def test_nothing_happens_before_content_and_style_are_there(lab: Lab, pictures) -> None:
    assert (
        transfer_handlers.encode(lab, "linear-fast", [pictures[0], None, pictures[1]], 512) is None
    )
    assert transfer_handlers.stylize(lab, None, 0.5, 1.0) is None
    assert transfer_handlers.explain_matrix(lab, None, 0.5) == (None, None, "")


def test_the_heat_map_is_the_matrix_of_the_pipeline(lab: Lab, pictures: list[str]) -> None:
    encoded = transfer_handlers.encode(lab, "linear-fast", [*pictures[:2], None], 512)
    heat, values, said = transfer_handlers.explain_matrix(lab, encoded, 0.5)
    content, style = (images.to_tensor(images.open_picture(path)) for path in pictures[:2])
    stylizer = lab.stylizer("linear-fast")
    matrix = stylizer.matrix(content, [stylizer.encode_style(style)], [1.0])[0]
    assert torch.allclose(torch.tensor(np.asarray(heat.data[0].z)).float(), matrix, atol=1e-5)
    assert len(values.data[0].y) == 8 and "of 8 directions" in said


def test_a_file_that_is_no_picture_is_explained(lab: Lab, pictures, tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"nothing")
    with pytest.raises(gr.Error, match=r"bad\.png"):
        transfer_handlers.encode(lab, "linear-fast", [pictures[0], str(tmp_path / "bad.png")], 512)
