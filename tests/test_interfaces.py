import pytest
import torch

from lab.interfaces import Layout


def test_size_is_width_and_height(tiny_layout, tiny_space) -> None:
    labels, instances = tiny_layout
    assert Layout(labels, instances, tiny_space).size == (64, 32)


def test_to_moves_both_maps(tiny_layout, tiny_space) -> None:
    moved = Layout(*tiny_layout, tiny_space).to("meta")
    assert moved.labels.device.type == moved.instances.device.type == "meta"
    assert moved.space is tiny_space


@pytest.mark.parametrize(
    ("labels", "instances", "sentence"),
    [
        (torch.zeros(4, 4).long(), torch.zeros(4, 4).long(), r"label map is \(4, 4\)"),
        (torch.zeros(1, 4, 4), torch.zeros(1, 4, 4).long(), r"label map .* torch\.float32"),
        (torch.zeros(1, 4, 4).long(), torch.zeros(1, 4, 4), r"instance map .* torch\.float32"),
        (torch.zeros(1, 4, 4).long(), torch.zeros(1, 4, 5).long(), "same shape"),
    ],
)
def test_maps_that_do_not_fit_are_refused(labels, instances, sentence, tiny_space) -> None:
    with pytest.raises(ValueError, match=sentence):
        Layout(labels, instances, tiny_space)
