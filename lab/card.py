"""What a checkpoint says of itself: `card.json`, read without touching any weights."""

import hashlib
import json
import logging
import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent
CHECKPOINTS = REPOSITORY / "checkpoints"
CARD = "card.json"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_REQUIRED = {"name": str, "method": str, "native_size": list, "parts": dict}
_PART = {"config": dict, "files": list, "sha256": str}
_TEXTS = ("title", "domain", "space", "licence")
_TABLES = ("training", "metrics")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Card:
    """What `card.json` says of a checkpoint; `raw` is the file as it stands.

    `native_size` is (width, height) in pixels; `parts` maps a part's name to its
    {"config", "files", "sha256", "parameters"}.
    """

    name: str
    method: str
    native_size: tuple[int, int]
    parts: Mapping[str, Mapping[str, Any]]
    title: str = ""
    domain: str = ""
    space: str = ""
    licence: str = ""
    training: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    limits: tuple[str, ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def config(self, part: str) -> dict[str, Any]:
        """The settings that build `part`. Raises KeyError where the card has no such part."""
        return dict(self.part(part)["config"])

    def part(self, name: str) -> Mapping[str, Any]:
        """The entry of one part. Raises KeyError with the parts there are."""
        if name not in self.parts:
            known = ", ".join(self.parts) or "none"
            raise KeyError(
                f"The checkpoint {self.name!r} has no part {name!r}; its card lists: {known}."
            )
        return self.parts[name]

    @property
    def digest(self) -> str:
        """16 hexadecimal digits that change with whatever decides a drawing, any weight and any
        setting of a network: the name used in recipes."""
        parts = [[name, part["sha256"], part["config"]] for name, part in self.parts.items()]
        decisive = [self.method, list(self.native_size), sorted(parts, key=lambda part: part[0])]
        text = json.dumps(decisive, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def parameters(self) -> int:
        """Trained numbers in all parts together."""
        return sum(int(part.get("parameters", 0)) for part in self.parts.values())


def read_card(folder: Path) -> Card:
    """Reads `folder`/card.json.

    Raises:
        FileNotFoundError: There is no card.
        ValueError: The card is not JSON or lacks a field; the sentence names file and field.
    """
    path = Path(folder) / CARD
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing{remedy(path.parent.name)}")
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:  # bad JSON and bad UTF-8
        raise ValueError(
            f"{path} is not a card: {error}{remedy(path.parent.name, 'make it again')}"
        ) from error
    return parse_card(raw, path)


def list_cards(root: Path = CHECKPOINTS) -> list[Card]:
    """The cards of all checkpoints under `root`, by folder name.

    A folder whose card cannot be read or bears another name is left out and logged, so that one
    broken folder does not hide the others; `load` says what is wrong with it.
    """
    cards = []
    for path in sorted(Path(root).glob(f"*/{CARD}")):
        if path.parent.name.startswith("."):
            continue
        try:
            card = read_card(path.parent)
        except (ValueError, OSError) as error:
            _log.warning("%s", error)
            continue
        if card.name == path.parent.name:
            cards.append(card)
        else:
            _log.warning("%s is the card of %r; a folder is called as its card.", path, card.name)
    return cards


def check_name(name: str) -> None:
    """Checks that a checkpoint can be called so: its name is that of its folder.

    Raises:
        ValueError: It is a path, empty, or has other characters.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"A checkpoint's name is letters, digits, '.', '_' or '-', not {name!r}; "
            "give a name, not a path."
        )


def find(name: str, root: Path = CHECKPOINTS, *, among: Container[str] | None = None) -> Path:
    """The folder of the checkpoint `name` under `root`.

    Args:
        among: The methods that are asked for; where there is no such checkpoint, only theirs are
            named. None: all.
    Raises:
        ValueError: `name` is not a plain folder name.
        FileNotFoundError: No such checkpoint; names those there are and, where a config bears its
            name, the command to make it.
    """
    check_name(name)
    folder = Path(root) / name
    if not (folder / CARD).is_file():
        raise FileNotFoundError(
            f"No checkpoint {name!r} in {root} ({name}/{CARD} is missing; there: "
            f"{known_names(root, among)}){remedy(name)}"
        )
    return folder


def known_names(root: Path = CHECKPOINTS, among: Container[str] | None = None) -> str:
    """The checkpoints under `root` as a sentence lists them: of some methods, None of all."""
    cards = [card for card in list_cards(root) if among is None or card.method in among]
    return ", ".join(card.name for card in cards) or "none"


def locate(place: str | Path, root: Path = CHECKPOINTS) -> Path:
    """The folder of a checkpoint given as a folder or by its name under `root`.

    Raises:
        FileNotFoundError, ValueError: As `find`.
    """
    return Path(place).resolve() if (Path(place) / CARD).is_file() else find(str(place), root)


def command_for(what: Card | str) -> str | None:
    """The command that makes a checkpoint; None where neither a card nor a config tells.

    Args:
        what: A card, whose own command counts, or a name, for which the config that bears it does.
    """
    if isinstance(what, Card):
        told = what.training.get("command")
        return str(told) if told else command_for(what.name)
    folder = REPOSITORY / "training" / "configs"
    domain = what.removesuffix("-palette")
    if domain != what:  # counted, not trained, on the data of a synthesizer
        stems = [path.stem for path in sorted((folder / "synthesis").glob("*.yaml"))]
        fitting = [stem for stem in stems if stem == domain or stem.startswith(f"{domain}-")]
        return f"python -m training.palette {fitting[0]}" if fitting else None
    configs = [path for path in sorted(folder.rglob("*.yaml")) if path.stem == what]
    if not configs:
        return None
    return f"accelerate launch -m training {configs[0].relative_to(REPOSITORY).as_posix()}"


def how_to_make(what: Card | str) -> str:
    """As `command_for`; in place of None, which config would have to be written."""
    name = what.name if isinstance(what, Card) else what
    return command_for(what) or f"accelerate launch -m training {name}.yaml, once that is written"


def remedy(what: Card | str, verb: str = "make it") -> str:
    """How a sentence about a checkpoint that is missing or damaged ends: "; make it with: …", or
    "." where `command_for` knows none."""
    command = command_for(what)
    return "." if command is None else f"; {verb} with: {command}"


def parse_card(raw: Any, path: Path) -> Card:
    """`raw`, the JSON value of the file at `path`, as a Card.

    Raises:
        ValueError: A field is missing or of the wrong type; the sentence names file and field.
    """
    _require(raw, {}, f"{path}")
    _require(raw, _REQUIRED, f"{path}")
    _require(raw, {key: str for key in _TEXTS if key in raw}, f"{path}")
    _require(raw, {key: dict for key in _TABLES if key in raw}, f"{path}")
    _require(raw, {key: list for key in ("limits",) if key in raw}, f"{path}")
    for name, part in raw["parts"].items():
        _require(part, _PART, f"{path}: part {name!r}")
        bad = [f for f in part["files"] if not isinstance(f, str) or not _NAME.fullmatch(f)]
        if bad or not part["files"]:
            raise ValueError(f"{path}: part {name!r} must list plain file names, not {bad}.")
    size = raw["native_size"]
    if len(size) != 2 or not all(type(side) is int and side > 0 for side in size):
        raise ValueError(f"{path}: native_size must be [width, height] in pixels, not {size}.")
    return Card(
        name=raw["name"],
        method=raw["method"],
        native_size=(size[0], size[1]),
        parts=raw["parts"],
        limits=tuple(str(limit) for limit in raw.get("limits", ())),
        raw=raw,
        **{key: raw[key] for key in (*_TEXTS, *_TABLES) if key in raw},
    )


def _require(table: Any, fields: Mapping[str, type], where: str) -> None:
    if not isinstance(table, dict):
        raise ValueError(f"{where} must be a JSON object, not {type(table).__name__}.")
    for key, kind in fields.items():
        if not isinstance(table.get(key), kind):
            got = type(table[key]).__name__ if key in table else "nothing"
            raise ValueError(f"{where} must have {key!r} as {kind.__name__}; it has {got}.")
