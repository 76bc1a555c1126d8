"""Comparisons drawn and scored ahead, so that Compare shows one at once when it is opened.

A JSON file beside its PNGs in the store, named by all that decides what is in it; those of
`lab.ui.first_pictures` come with the lab. Seconds in it are of the machine that drew it.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from lab.files import write_json
from lab.lab import Lab
from lab.recipes import digest
from lab.ui import compare_scenes as scenes
from lab.ui import compare_synthesis as synthesis
from lab.ui import compare_transfer as transfer
from lab.ui.compare_result import steps
from lab.ui.comparisons import Comparison, Shown
from lab.ui.domains import card_of
from lab.ui.explain import explain
from lab.ui.store import file_at_hand, keep_file, named_by

Key = Mapping[str, Any]


def layout_key(lab: Lab, domain: str, source: str, seed: int) -> Key | None:
    """What decides a comparison of a layout that anybody can draw; None for a visitor's own."""
    if source not in scenes.inputs(domain):
        return None
    rows, left_out = synthesis.drawers(lab, domain)
    return {
        "kind": "layout",
        "subject": [domain, source, seed, *scenes.size_of(lab, domain)],
        "rows": [[row.method.row, row.card.digest] for row in rows],
        "left_out": left_out,
        "judge": synthesis.judged(lab, domain)[2],
    }


def styles_key(
    lab: Lab, content: str | None, style: str | None, size: int, methods: list[str]
) -> Key | None:
    """What decides a comparison of two pictures; None where one is missing."""
    if content is None or style is None or not methods:
        return None
    pair, network = transfer.pair_of(content, style, size), transfer.style_network(lab)
    chosen = [card_of(lab, name) for name in transfer.choose(lab, methods)]
    return {
        "kind": "styles",
        "subject": [pair.name, *map(digest, (pair.content, pair.style))],
        "rows": [[card.name, card.digest] for card in chosen],
        "left_out": transfer.absent_stylizers(lab),
        "network": network.digest if network else "",
    }


def remember(key: Key, comparison: Comparison) -> Path:
    """Writes a comparison whose pictures lie in the store beside them; the path of its JSON."""
    pictures = [asdict(replace(each, path=Path(each.path).name)) for each in comparison.pictures]
    value = {**asdict(comparison), "pictures": pictures}
    return Path(keep_file(name_of(key), partial(write_json, value=value)))


def recall(key: Key | None) -> Comparison | None:
    """The comparison of `key`, None where it, or one of its pictures, is not at hand."""
    known = file_at_hand(name_of(key)) if key else None
    if known is None:
        return None
    value = json.loads(known.read_text(encoding="utf-8"))
    pictures = []
    for each in value.pop("pictures"):
        path = file_at_hand(each["path"])
        if path is None:
            return None
        pictures.append(Shown(**{**each, "path": str(path), "size": tuple(each["size"])}))
    left_out = tuple(value.pop("left_out"))
    return Comparison(**value, pictures=tuple(pictures), left_out=left_out)


def name_of(key: Key) -> str:
    """The name of the JSON file of `key`."""
    return named_by(f"comparison-{key['kind']}", json.dumps(key, sort_keys=True), ".json")


def opening(
    draw: Callable[..., Iterator[Any]], key: Callable[..., Key | None]
) -> Callable[..., Iterator[tuple[Any, ...]]]:
    """`draw` for a tab that is opened: what was drawn ahead of the same input is shown instead."""

    @explain
    def opened(*given: Any) -> Iterator[tuple[Any, ...]]:
        known = recall(key(*given))
        if known is None:
            yield from draw(*given)
        else:
            count = sum(each.drawn for each in known.pictures)
            said = f"{count} methods drew {known.subject} before your visit; "
            said += "press Compare to draw it again"
            yield from steps(iter([(known, said)]))

    return opened
