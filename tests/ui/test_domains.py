"""What the page reads of checkpoints."""

from dataclasses import fields

import pytest

from lab.card import CHECKPOINTS, read_card
from lab.lab import Lab
from lab.models.styles import StyleBank, StyleBankConfig
from lab.ui.domains import Bank, bank_of

SHIPPED = [folder.name for folder in sorted(CHECKPOINTS.iterdir()) if folder.is_dir()]


def test_the_page_knows_every_table_that_a_bank_may_have() -> None:
    full = StyleBank(StyleBankConfig(3, 4, measured=True, samples=5, pictures=6))
    assert {field.name for field in fields(Bank)} == set(full.state_dict())


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_looks_are_read_where_there_are_any(name: str) -> None:
    bank = bank_of(Lab(device="cpu"), name)
    assert (bank is not None) == ("styles" in read_card(CHECKPOINTS / name).parts)
