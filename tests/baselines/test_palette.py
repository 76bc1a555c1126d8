"""Every class in its mean colour."""

import pytest
import torch

from lab.baselines.palette import Palette
from lab.interfaces import Layout


def sample(labels: torch.Tensor, photo: torch.Tensor) -> dict:
    return {"labels": labels, "instances": labels, "photo": photo}


def test_colours_are_the_means_over_all_pixels_of_a_class(tiny_space) -> None:
    samples = []
    for _ in range(3):
        labels = torch.randint(5, (6, 8))
        labels[0, :3] = 255
        samples.append(sample(labels, torch.rand(3, 6, 8)))
    colors = Palette.from_samples(samples, tiny_space).colors
    labels = torch.stack([s["labels"] for s in samples])
    photos = torch.stack([s["photo"] for s in samples]).movedim(1, -1)
    for index in range(5):
        assert torch.allclose(colors[index], photos[labels == index].mean(0), atol=1e-6)
    assert torch.allclose(colors[6], photos[labels == 255].mean(0), atol=1e-6)
    # The class that never occurs has no colour of its own.
    assert torch.allclose(colors[5], photos.flatten(0, 2).mean(0), atol=1e-6)


def test_a_drawing_has_the_colour_of_the_label_everywhere(tiny_space) -> None:
    colors = torch.rand(7, 3)
    labels = torch.randint(6, (2, 5, 7))
    labels[0, 0] = 255
    picture = Palette(colors, space=tiny_space)(Layout(labels, labels, tiny_space), seed=3)
    assert picture.shape == (2, 3, 5, 7)
    for index in (*range(6), 255):
        expected = colors[min(index, 6)]
        assert (picture.movedim(1, -1)[labels == index] == expected).all()


def test_the_palette_of_a_painted_map_is_its_paint(tiny_space) -> None:
    labels = torch.randint(0, 6, (4, 9, 7))
    labels[0, :2] = 255
    photos = tiny_space.colorize(labels)
    samples = [sample(*pair) for pair in zip(labels, photos, strict=True)]
    palette = Palette.from_samples(samples, tiny_space)
    torch.testing.assert_close(palette(Layout(labels, labels, tiny_space)), photos)


def test_no_other_constant_per_class_is_nearer_to_the_photo(tiny_space) -> None:
    labels, photo = torch.randint(6, (6, 8)), torch.rand(3, 6, 8)
    palette = Palette.from_samples([sample(labels, photo)], tiny_space)
    layout = Layout(labels[None], labels[None], tiny_space)
    best = (palette(layout) - photo).square().mean()
    for _ in range(5):
        moved = Palette(palette.colors + 0.05 * torch.randn(7, 3), space=tiny_space)
        assert (moved(layout) - photo).square().mean() > best


def test_the_number_of_colours_must_fit_the_classes(tiny_space) -> None:
    with pytest.raises(ValueError, match=r"expected \(7, 3\): one for each class of 'tiny'"):
        Palette(torch.rand(6, 3), space=tiny_space)
