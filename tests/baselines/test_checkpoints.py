"""Baselines come back from their files as they were stored."""

from dataclasses import asdict
from pathlib import Path

import pytest
import torch

from lab import checkpoint
from lab.baselines.crn import CRN, CascadedRefinement, CRNConfig
from lab.baselines.palette import Palette
from lab.baselines.pix2pix import Pix2Pix, UNet, UNetConfig
from lab.data.streets import STREETS
from lab.interfaces import Layout
from tests.tiny import card

CLASSES = len(STREETS)
NETWORKS = {
    "pix2pix": (Pix2Pix, UNet(UNetConfig(CLASSES, width=2, halvings=3))),
    "crn": (CRN, CascadedRefinement(CRNConfig(CLASSES, widths=(4, 4), pictures=2))),
}


def layout() -> Layout:
    labels = torch.randint(CLASSES, (1, 21, 30))
    return Layout(labels, labels, STREETS)


@pytest.mark.parametrize("method", NETWORKS)
def test_a_saved_network_draws_the_same(tmp_path: Path, method: str) -> None:
    kind, network = NETWORKS[method]
    # As exact on disk as in memory: files hold half precision.
    network.load_state_dict({k: v.half().float() for k, v in network.state_dict().items()})
    parts, configs = {"generator": network}, {"generator": asdict(network.config)}
    checkpoint.save(tmp_path / "base", card("base", method), parts, configs)
    loaded = checkpoint.load("base", device="cpu", root=tmp_path)
    own = kind(network.eval(), space=STREETS, native_size=(64, 32))
    drawn = layout()
    assert isinstance(loaded, kind) and loaded.native_size == (64, 32)
    for seed in (None, 1):
        assert torch.allclose(loaded(drawn, seed=seed), own(drawn, seed=seed), atol=1e-5)


def test_a_saved_palette_has_the_same_colours(tmp_path: Path) -> None:
    palette = Palette(torch.rand(CLASSES + 1, 3).half().float(), space=STREETS)
    parts, configs = {"colors": palette.part()}, {"colors": {}}
    checkpoint.save(tmp_path / "flat", card("flat", "palette"), parts, configs)
    loaded = checkpoint.load("flat", device="cpu", root=tmp_path)
    drawn = layout()
    assert torch.equal(loaded(drawn), palette(drawn))


@pytest.mark.parametrize("method", NETWORKS)
def test_a_card_with_other_classes_is_refused(tmp_path: Path, method: str) -> None:
    _, network = NETWORKS[method]
    parts, configs = {"generator": network}, {"generator": asdict(network.config)}
    raw = {**card("base", method), "space": "indoor"}
    checkpoint.save(tmp_path / "base", raw, parts, configs)
    with pytest.raises(ValueError, match="but indoor has 39"):
        checkpoint.load("base", device="cpu", root=tmp_path)
