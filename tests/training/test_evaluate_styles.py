"""Style banks measured: agreement with the town's true looks, and what a changed look changes."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
from torch import Tensor

from lab.card import read_card
from lab.data.streets import STREETS
from lab.data.town import LOOKS, Town
from lab.interfaces import Layout
from lab.metrics.locality import Change
from lab.models.styles import StyleBank, StyleBankConfig
from tests.tiny import save_linear_fast, save_streets
from tests.training.runs import exit_code
from training.evaluation import styles
from training.evaluation.styles import (
    PLAIN_COLOUR,
    largest_objects,
    main,
    style_agreement,
    style_changes,
    summary,
)

SIZE = (96, 48)


class Seer:
    """Assigns by the true looks of the scene it is shown; draws objects in the grey of theirs."""

    space = STREETS

    def __init__(self, town: Town, indices: range, *, guesses: bool = False) -> None:
        self.truth = {key(town[index]["instances"]): town.looks(index) for index in indices}
        self.guesses = guesses
        self.bank = StyleBank(StyleBankConfig(len(STREETS), 4))
        self.bank.counts.fill_(2)
        self.bank.counts[STREETS.index("road")] = 4

    def assign(self, photo: Tensor, layout: Layout) -> dict[int, int]:
        looks = self.truth[key(layout.instances[0])]
        seen = layout.instances.unique().tolist()
        if self.guesses:
            return dict.fromkeys(seen, 0)
        kinds = {i: STREETS.names[i // 1000 if i >= 1000 else i] for i in seen}
        return {i: LOOKS[kinds[i]].index(looks[i]) for i in seen}

    def choose(self, layout: Layout, *, seed: int) -> dict[int, int]:
        return dict.fromkeys(layout.instances.unique().tolist(), 0)

    def __call__(self, layout: Layout, *, styles: Mapping[int, int]) -> Tensor:
        picture = torch.zeros(1, 3, *layout.labels.shape[1:])
        for instance, cluster in styles.items():
            picture[:, :, (layout.instances == instance)[0]] = cluster / 10
        return picture


def key(instances: Tensor) -> bytes:
    return instances.numpy().tobytes()


def test_clusters_that_are_the_true_looks_agree_wholly_and_a_single_one_not_at_all() -> None:
    town, indices = Town(split="val", size=SIZE, length=8), range(8)
    seen = style_agreement(Seer(town, indices), town, indices, smallest=0.002)
    assert {"sky", "road", "building"} <= set(seen)
    for found in seen.values():
        assert found.information == pytest.approx(1) and found.looks == found.clusters
    looks = [town.looks(index)[STREETS.index("sky")] for index in indices]
    assert (seen["sky"].objects, seen["sky"].looks) == (8, len(set(looks)))
    blind = style_agreement(Seer(town, indices, guesses=True), town, indices, smallest=0.002)
    assert all(found.information == pytest.approx(0) for found in blind.values())


def test_objects_below_the_area_rule_are_left_out() -> None:
    town, indices = Town(split="val", size=SIZE, length=2), range(2)
    seer = Seer(town, indices)
    few, all_ = (style_agreement(seer, town, indices, smallest=s) for s in (0.02, 0))
    assert sum(f.objects for f in few.values()) < sum(f.objects for f in all_.values())


def test_every_other_cluster_of_the_largest_object_is_tried() -> None:
    town = Town(split="val", size=SIZE, length=2)
    found = style_changes(Seer(town, range(2)), town, range(2))
    assert set(found) == {"road"}  # the others have two clusters
    assert [one.colour for one in found["road"]] == pytest.approx([0.1, 0.2, 0.3] * 2)
    assert all(one.outside == 0 for one in found["road"])


def test_the_largest_object_of_a_class_is_found() -> None:
    labels = torch.zeros(1, 40, 40, dtype=torch.int64)
    instances = labels.clone()
    for instance, side in ((8000, 9), (8001, 12), (9000, 7)):
        place = slice(instance % 7 * 2, instance % 7 * 2 + side)
        labels[0, place, 25 - side : 25], instances[0, place, 25 - side : 25] = 8, instance
    labels[instances == 9000] = 9
    assert largest_objects(Layout(labels, instances, STREETS)) == {0: 0, 8: 8001}


def test_the_summary_is_means_and_the_share_of_plain_classes() -> None:
    plain, faint = Change(2 * PLAIN_COLOUR, 0.0, 0.01), Change(0.0, 0.0, 0.03)
    rows = summary({"car": [plain, plain, faint], "sky": [faint]})
    assert rows["car"]["colour"] == pytest.approx(4 / 3 * PLAIN_COLOUR)
    assert (rows["car"]["plain"], rows["sky"]["plain"], rows["all"]["plain"]) == (1, 0, 0.5)
    assert rows["all"]["changes"] == 4 and rows["car"]["changes"] == 3
    assert rows["all"]["outside_percent"] == pytest.approx((5 / 3 + 3) / 2)
    assert summary({}) == {}


def test_the_command_reports_and_writes_the_card(tmp_path: Path, capsys, monkeypatch) -> None:
    save_streets(tmp_path, "town", enhancers=0)
    folder = tmp_path / "town"
    raw = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps({**raw, "domain": "town", "metrics": {"a": 1}}))
    monkeypatch.setattr(styles, "SMALLEST_CHANGED", 16)
    options = ["--limit", "4", "--changed", "1", "--device", "cpu", "--write-card"]
    assert main([str(folder), *options]) == 0
    assert "road" in capsys.readouterr().out
    metrics = read_card(folder).metrics
    assert metrics["a"] == 1
    assert metrics["styles_protocol"]["checkpoint"] == read_card(folder).digest
    road = metrics["styles_rows"]["road"]
    assert 0 <= road["nmi"] <= 1 and road["objects"] == 4 and road["changes"] == 3
    assert metrics["styles_rows"]["all"]["outside_percent"] >= 0


@pytest.mark.parametrize(
    ("name", "more", "sentence"),
    [
        ("linear-fast", [], "has no looks"),
        ("streets", [], "--data is missing"),
        ("streets", ["--limit", "0"], "expected 1 or more scenes, got '0'"),
    ],
)
def test_what_cannot_be_measured_is_one_sentence(tmp_path, capsys, name, more, sentence) -> None:
    save_streets(tmp_path, enhancers=0)
    save_linear_fast(tmp_path)
    assert exit_code(main, [str(tmp_path / name), *more, "--device", "cpu"]) == 2
    error = capsys.readouterr().err
    assert sentence in error and error.count("\n") == 1
