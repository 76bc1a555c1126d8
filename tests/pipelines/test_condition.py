"""What a generator sees: looks where something has a class, no waves over what is plain."""

from dataclasses import replace

import pytest
import torch

from lab.data.places import PLACES, PLANES, places
from lab.models.pix2pixhd import GeneratorConfig
from lab.pipelines.condition import build_condition, plain_classes


def seen(layout, plain: list[int]) -> torch.Tensor:
    """The places and waves (1, PLANES, H, W) among the planes of a layout."""
    labels, instances = layout
    place = places(instances)
    planes = build_condition(labels, instances, None, classes=6, place=place, plain=plain)
    return planes[:, 7:]


def test_build_condition_without_styles_has_no_style_channels(tiny_layout) -> None:
    condition = build_condition(*tiny_layout, None, classes=6)
    assert condition.shape == (1, 7, 32, 64)
    assert condition.is_contiguous(memory_format=torch.channels_last)


def test_unlabelled_pixels_have_no_look_and_all_others_keep_theirs(tiny_layout) -> None:
    labels, instances = tiny_layout[0].clone(), tiny_layout[1]
    labels[:, 3:9, 5:40] = 255
    styles = torch.rand(1, 3, 32, 64) + 0.1
    seen = build_condition(labels, instances, styles, classes=6)[:, 7:]
    known = (labels < 6)[:, None].expand_as(styles)
    assert not seen[~known].any() and torch.equal(seen[known], styles[known])


def test_plain_classes_have_places_but_no_waves_and_all_else_has_both(
    tiny_layout, tiny_space
) -> None:
    labels, instances = tiny_layout[0].clone(), tiny_layout[1]
    labels[:, 3:9, 5:40] = 255
    layout = labels, instances
    everywhere, some, none = (seen(layout, plain) for plain in ([], [0, 4], list(range(6))))
    assert everywhere.shape[1] == PLANES
    plain = torch.isin(labels, torch.tensor([0, 4]))[0]
    assert plain.any() and not plain.all()
    for planes in (some, none):
        assert torch.equal(planes[:, :PLACES], everywhere[:, :PLACES])
    assert torch.equal(some[..., ~plain], everywhere[..., ~plain])
    assert not some[:, PLACES:, plain].any()
    known = (labels != 255)[0]
    assert not none[:, PLACES:, known].any()
    assert torch.equal(none[..., ~known], everywhere[..., ~known])
    config = GeneratorConfig(8, places=True, plain=("unlabelled",))
    unlabelled = seen(layout, plain_classes(config, tiny_space))
    assert torch.equal(unlabelled[..., known], everywhere[..., known])
    assert not unlabelled[:, PLACES:, ~known].any() and everywhere[:, PLACES:, ~known].any()


def test_names_are_found_in_the_classes_and_unknown_ones_named(tiny_space) -> None:
    config = GeneratorConfig(7 + PLANES, places=True)
    assert plain_classes(config, tiny_space) == []
    names = tiny_space.names[3], tiny_space.names[1]
    assert plain_classes(replace(config, plain=names), tiny_space) == [3, 1]
    with pytest.raises(ValueError, match=r"has no zebra; set generator.plain to some of: "):
        plain_classes(replace(config, plain=("zebra", names[0])), tiny_space)


def test_plain_classes_without_places_are_refused() -> None:
    with pytest.raises(ValueError, match="plain is set without places"):
        GeneratorConfig(7, plain=("road",))
