"""The judge around its network: any size, a checkpoint's own weights."""

from dataclasses import asdict
from pathlib import Path

import pytest
import torch

from lab import checkpoint
from lab.data.streets import STREETS
from lab.models.segmenter import Segmenter, SegmenterConfig
from lab.pipelines.segmentation import SegmentationPipeline
from tests.tiny import card


def pipeline() -> SegmentationPipeline:
    network = Segmenter(SegmenterConfig(len(STREETS), width=0.1, neck=16)).eval()
    return SegmentationPipeline(network, space=STREETS, native_size=(64, 32))


@pytest.mark.parametrize("size", [(8, 8), (9, 14), (1, 1)])
def test_any_size_is_read_into_known_classes(size: tuple[int, int]) -> None:
    labels = pipeline()(torch.rand(2, 3, *size))
    assert labels.shape == (2, *size) and labels.dtype == torch.int64
    STREETS.check(labels)


def test_the_likeliest_class_is_said() -> None:
    judge, photo = pipeline(), torch.rand(1, 3, 64, 32)
    logits = judge.network(photo)
    assert torch.equal(judge(photo), logits.argmax(1))
    said, pooled = judge.judge(photo)
    assert torch.equal(said, judge(photo)) and pooled.shape == (1, 32 + 16)


def test_a_reading_has_features_of_every_size() -> None:
    judge, photo = pipeline(), torch.rand(2, 3, 64, 32)
    reading = judge.read(photo)
    sides = {name: tuple(x.shape[2:]) for name, x in reading.features.items()}
    assert sides == {f"stride{n}": (64 // n, 32 // n) for n in (2, 4, 8, 16, 32)}
    assert torch.equal(reading.pooled[:, :32], reading.features["stride32"].mean((2, 3)))


def test_a_saved_judge_says_the_same(tmp_path: Path) -> None:
    judge, photo = pipeline(), torch.rand(1, 3, 16, 24)
    half = {k: v.half().float() for k, v in judge.network.state_dict().items()}
    judge.network.load_state_dict(half)
    checkpoint.save(
        tmp_path / "segmenter-streets",
        card("segmenter-streets", "segmenter"),
        {"segmenter": judge.network},
        {"segmenter": asdict(judge.network.config)},
    )
    loaded = checkpoint.load("segmenter-streets", device="cpu", root=tmp_path)
    torch.testing.assert_close(loaded.judge(photo)[1], judge.judge(photo)[1])
    assert loaded.space is STREETS and loaded.native_size == (64, 32)
