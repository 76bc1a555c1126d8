"""The cards of the shipped checkpoints agree with themselves and with the histories beside them."""

import json

import pytest

from lab.card import CARD, CHECKPOINTS, read_card

FOLDERS = sorted(path.parent for path in CHECKPOINTS.glob(f"*/{CARD}"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_card_counts_the_steps_it_names_and_the_history_goes_no_further(folder) -> None:
    training = read_card(folder).training
    if "stages" in training:
        assert training["steps"] == sum(stage["steps"] for stage in training["stages"])
    history = folder / "history.jsonl"
    if history.is_file():
        steps = [json.loads(line)["step"] for line in history.read_text().splitlines()]
        assert steps == sorted(set(steps))
        assert steps[-1] <= training["steps"]


def test_all_checkpoints_together_stay_small_enough_for_the_repository() -> None:
    files = [path for path in CHECKPOINTS.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 96 * 2**20
    assert all(path.stat().st_size <= 16 * 2**20 for path in files)
