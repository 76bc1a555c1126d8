"""The Styles tab on banks with and without measures."""

from dataclasses import replace

import numpy as np
import pytest

from lab.analysis.swatches import stand, swatch
from lab.card import read_card
from lab.data.streets import STREETS
from lab.images import open_picture, to_tensor
from lab.lab import Lab
from lab.ui import styles
from lab.ui.domains import Bank, bank_of

ROAD = STREETS.index("road")


@pytest.fixture
def bank() -> Bank:
    """Three classes of none, one and two looks."""
    return Bank(
        centers=np.zeros((3, 2, 3)),
        counts=np.array([0, 1, 2]),
        sizes=np.array([[0, 0], [1, 0], [60, 40]]),
        spreads=np.array([[0, 0], [0.1, 0], [0.126, 0.5]]),
        silhouettes=np.array([0, 0, 0.414]),
    )


def test_a_caption_tells_number_objects_and_spread(bank: Bank) -> None:
    assert styles.caption(bank, 2, 0) == "look 1 · 60 objects · ±0.13"
    assert styles.caption(bank, 1, 0) == "look 1 · 1 object · ±0.10"
    assert styles.caption(replace(bank, spreads=None), 2, 1) == "look 2 · 40 objects"


def test_the_measures_tell_how_many_looks_there_are_and_how_well_they_lie_apart(bank: Bank) -> None:
    said = styles.measures(bank, 2)
    assert said.startswith("2 looks of 100 objects. Silhouette 0.41:")
    assert styles.measures(bank, 1) == "1 look of 1 object."
    assert "was not measured" in styles.measures(replace(bank, silhouettes=None), 2)


def test_a_bank_from_before_the_measures_is_read(lab: Lab) -> None:
    found = bank_of(lab, "town")
    assert found.spreads is None and found.centers.shape == (11, 4, 3)
    *_, (swatches, _, said) = styles.show(lab, "town", ROAD)
    assert "was not measured" in said and "±" not in swatches[0][1]


def test_the_rule_says_when_the_silhouette_chose(lab: Lab, monkeypatch) -> None:
    card = read_card(lab.checkpoints / "town")
    training = {"styles": {"clusters": 8, "choose": "silhouette", "smallest": 0.002}}
    monkeypatch.setattr(styles, "card_of", lambda *_: replace(card, training=training))
    assert "at most 8 looks per class, their number chosen by silhouette" in styles.area_rule(
        lab, "town"
    )


def test_the_tab_shows_the_swatches_of_the_sheet(lab: Lab) -> None:
    *_, (swatches, _, _) = styles.show(lab, "town", ROAD)
    pipeline = lab.synthesizer("town")
    assert styles.stand_of(lab, "town", ROAD).box == stand(ROAD, STREETS, (64, 32)).box
    for cluster, (path, _) in enumerate(swatches):
        drawn = swatch(pipeline, ROAD, cluster)
        shown = to_tensor(open_picture(path))
        assert (shown - drawn).abs().max() <= 0.5 / 255 + 1e-6
