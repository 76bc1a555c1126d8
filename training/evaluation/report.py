"""A report in the card of the checkpoint it was measured on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lab.card import CARD, parse_card
from lab.files import write_json


def write_card(folder: Path, table: Mapping[str, Any], *, prefix: str = "") -> None:
    """Puts a report's table under "metrics" of the card in `folder`; everything else stays.

    `prefix` begins the names of its entries there, so that several reports lie side by side.

    Raises:
        ValueError: The card is no longer that of the checkpoint the table was measured on.
    """
    path = folder / CARD
    raw = json.loads(path.read_text(encoding="utf-8"))
    digest, measured = parse_card(raw, path).digest, table["protocol"]["checkpoint"]
    if digest != measured:
        raise ValueError(
            f"{path} is now of the checkpoint {digest}, but {measured} was measured; "
            "evaluate it again."
        )
    entries = {f"{prefix}{key}": value for key, value in table.items()}
    write_json(path, {**raw, "metrics": {**raw.get("metrics", {}), **entries}})
