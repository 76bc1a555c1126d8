"""The methods of the lab on one device: what every tab and every command receives."""

import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch

from lab import checkpoint
from lab.catalog import JUDGES, STYLIZERS, SYNTHESIZERS, Catalog
from lab.checkpoint import CHECKPOINTS, Card, choose_device
from lab.errors import sentence
from lab.interfaces import Stylizer, Synthesizer
from lab.pipelines.segmentation import SegmentationPipeline


class Lab:
    """The trained methods, loaded when first asked for and shared by all visitors.

    It holds nothing of any visitor: what belongs to one travels in arguments and results. All
    methods may be called from several threads.

    Args:
        device: Where the methods run; None takes CUDA where there is one, else the CPU.
        checkpoints: The folder with one folder per checkpoint.

    Raises:
        ValueError: The device does not exist here.
    """

    def __init__(
        self, *, device: torch.device | str | None = None, checkpoints: Path = CHECKPOINTS
    ) -> None:
        self.device = choose_device(device)
        self.checkpoints = Path(checkpoints)
        self._loaded: dict[tuple[str, str], Any] = {}  # (kind, name)
        self._broken: dict[str, tuple[str, Any]] = {}  # what is wrong, with which files
        self._lock = threading.Lock()

    def synthesizer(self, name: str) -> Synthesizer:
        """The synthesizer of the checkpoint `name` ("streets", "town").

        Raises:
            FileNotFoundError: There is no such checkpoint or one of its files is missing.
            ValueError: It is no synthesizer, or what is stored is damaged.
        """
        return self._method(name, SYNTHESIZERS)

    def stylizer(self, name: str) -> Stylizer:
        """The stylizer of the checkpoint `name` ("linear-fast"). Raises like `synthesizer`."""
        return self._method(name, STYLIZERS)

    def judge(self, name: str) -> SegmentationPipeline:
        """The judge of the checkpoint `name` ("segmenter-streets"). Raises like `synthesizer`."""
        return self._method(name, JUDGES)

    def cards(self, method: str | None = None) -> list[Card]:
        """The cards of all installed checkpoints, or of those of one method; no weights loaded."""
        cards = checkpoint.list_cards(self.checkpoints)
        return [card for card in cards if method is None or card.method == method]

    def missing(self, name: str) -> str | None:
        """Why the checkpoint `name` cannot be used, as a sentence, or None where it can.

        Cheap: it looks for the card and the files and remembers what failed when the weights were
        last loaded, until they change; it does not load them.
        """
        try:
            folder = checkpoint.find(name, self.checkpoints)
            card = checkpoint.read_card(folder)
            said, files = self._broken.get(name, (None, None))
            if said is not None and files == _state(folder):
                return said
        except (FileNotFoundError, ValueError) as error:
            return str(error)
        files = [file for part in card.parts.values() for file in part["files"]]
        absent = [file for file in files if not (folder / file).is_file()]
        if absent:
            again = checkpoint.how_to_make(card)
            return f"{folder / absent[0]} is missing; make it again with: {again}"
        return None

    def warm_up(self) -> None:
        """Loads every installed checkpoint that the lab has a method for onto the device.

        For hosts which want weights in place before the first visitor. A checkpoint that cannot
        be loaded does not stop the others: `missing` says what is wrong with it.
        """
        for card in self.cards():
            for catalog in (SYNTHESIZERS, STYLIZERS):
                if card.method not in catalog:
                    continue
                with suppress(FileNotFoundError, ValueError, KeyError):
                    self._method(card.name, catalog)

    def _method(self, name: str, catalog: Catalog) -> Any:
        key = (catalog.kind, name)
        with self._lock:  # two visitors who come first at once load it once
            if key not in self._loaded:
                self._check_kind(name, catalog)
                self._loaded[key] = self._load(name)
            return self._loaded[key]

    def _load(self, name: str) -> Any:
        """What is stored under `name`; remembers what is wrong with it, for `missing`."""
        files = _state(self.checkpoints / name)
        try:
            method = checkpoint.load(name, device=self.device, root=self.checkpoints)
        except (FileNotFoundError, ValueError, KeyError) as error:
            self._broken[name] = sentence(error), files
            raise
        self._broken.pop(name, None)
        return method

    def _check_kind(self, name: str, catalog: Catalog) -> None:
        card = checkpoint.read_card(checkpoint.find(name, self.checkpoints))
        if card.method not in catalog:
            fitting = [card.name for card in self.cards() if card.method in catalog]
            raise ValueError(
                f"The checkpoint {name!r} is of the method {card.method!r}, which is no "
                f"{catalog.kind}; {catalog.kind}s here: {', '.join(fitting) or 'none'}."
            )


def _state(folder: Path) -> list[tuple[str, int, int]]:
    """Names, sizes and times of the files in a folder: equal for as long as nobody mends it."""
    found = ((path.name, path.stat()) for path in folder.iterdir())
    return sorted((name, stat.st_size, stat.st_mtime_ns) for name, stat in found)
