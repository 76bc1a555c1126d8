"""Stylizers on pairs of pictures, between the untouched content and the style picture itself.

Every drawing is rounded to 8 bits before anything looks at it, as if it had been written as PNG
and read again; all of them are scored, and all go onto the sheet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Protocol

import torch
from torch import Tensor
from tqdm import tqdm

from lab.images import digest, resize, save_picture
from lab.metrics.similarity import perceptual_distance, ssim
from lab.metrics.speed import peak_memory, timed
from lab.metrics.style import Described, content_distance, describe, style_distance
from lab.scoring.features import FeatureNetwork, as_stored
from lab.scoring.pairs import Pair, kept_as
from lab.scoring.protocol import environment, transfer_protocol
from lab.scoring.report import BAR, Report, Scores, short
from lab.scoring.sheet import Line, Sheet
from lab.scoring.style_network import StyleNetwork
from lab.scoring.stylizers import TransferMethod

CONTENT, STYLE = "content", "style"  # always there: what the drawings lie between
SHOWN = ("style_distance", "content_distance", "ssim")  # beneath a picture


class Source(Protocol):
    """Pairs, and what there is to say about them: `Pairs`, or a selection of one's own."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> Pair: ...

    def protocol(self) -> dict[str, Any]:
        """Which pictures these are."""
        ...


@dataclass(frozen=True, eq=False)
class Seen:
    """A picture (1, 3, H, W) as 8 bits hold it, and what the networks make of it; not described
    without a style network."""

    picture: Tensor
    sha256: str
    described: Described | None
    features: Mapping[str, Mapping[str, Tensor]]


def score_transfer(
    pairs: Source,
    methods: Sequence[TransferMethod],
    *,
    network: StyleNetwork,
    device: torch.device,
    networks: Sequence[FeatureNetwork] = (),
    sheet: Sheet | None = None,
    pictures: Path | None = None,
) -> Report:
    """Scores methods on pairs.

    Args:
        methods: the rows; content and style are rows in any case.
        network: of style and content distance. networks: of further distances to the content.
        sheet: where every pair is shown; the caller finishes it.
        pictures: a folder to keep every drawing in, as `<content>__<style>__<method>.png`.

    Raises:
        ValueError: files that cannot be read, or too small to be measured.
    """
    tally, entries = Tally(network, networks, device), []
    count = len(pairs) * len(methods)
    with tqdm(total=count, desc="drawings", **BAR) as bar:
        for index in range(len(pairs)):
            pair = pairs[index]
            tally.turn_to(pair)
            for method in methods:
                bar.set_postfix_str(method.row, refresh=False)
                tally.draw(method, pair)
                bar.update()
            recipes = {method.row: _recipe(method, pair) for method in methods}
            entries.append(tally.entry(pair, index))
            if sheet is not None:
                sheet.add(tally.line(pair, recipes))
            if pictures is not None:
                for row, recipe in recipes.items():
                    path = pictures / kept_as(pair.names, row)
                    save_picture(path, tally.drawn[row].picture, recipe)
    facts = {
        **pairs.protocol(),
        **transfer_protocol(methods, network, networks),
        **environment(device),
    }
    return Report("Style transfer", facts, tally.rows(), pictures=entries)


class Tally:
    """What has been measured so far; of pictures it keeps those of the last pair alone.

    network: without one, style and content distance are left out.
    """

    def __init__(
        self,
        network: StyleNetwork | None,
        networks: Sequence[FeatureNetwork],
        device: torch.device,
    ) -> None:
        self.network, self.networks, self.device = network, networks, device
        self.scores, self.times, self.peaks = Scores(), {}, {}
        self.drawn: dict[str, Seen] = {}
        self.numbers: dict[str, dict[str, float]] = {}

    def turn_to(self, pair: Pair) -> None:
        """Looks at the content and the style of a pair, which are its first two rows."""
        self.drawn, self.numbers = {}, {}
        self.wanted = self._described(pair.style.to(self.device))
        self.add(CONTENT, pair.content)
        height, width = pair.content.shape[-2:]
        laid_over, known = self.look(resize(pair.style, (width, height))), {}
        if self.network is not None:
            own = style_distance(self.network.encoder, self.wanted, self.wanted)
            known["style_distance"] = own
        self._add(STYLE, laid_over, **known)

    def draw(self, method: TransferMethod, pair: Pair) -> None:
        """Has a method draw the pair, by the clock, and adds what the drawing scores."""
        run, quick = _Run(method, pair, self.device), method.read is not None
        first = method.row not in self.times
        if first and quick:
            run()  # warms up
        if first:
            self.peaks[method.row] = peak_memory(run, self.device)
        if quick or not first:  # what takes minutes is called once
            run()
        times = self.times.setdefault(method.row, {})
        for name, value in run.seconds.items():
            times.setdefault(name, []).append(value)
        self.add(method.row, run.picture)
        self.numbers[method.row] |= run.seconds

    def add(self, row: str, picture: Tensor, *, seconds: float | None = None) -> None:
        """Counts a drawing (1, 3, H, W) of the pair in, and what it took where that is known."""
        self.drawn[row] = self.look(picture)
        self._add(row, self.drawn[row])
        if seconds is not None:
            self.times.setdefault(row, {}).setdefault("seconds", []).append(seconds)
            self.numbers[row]["seconds"] = seconds

    def look(self, picture: Tensor) -> Seen:
        """Rounds a picture (1, 3, H, W) to 8 bits and shows it to the networks."""
        rounded, sha256 = as_stored(picture)
        rounded = rounded.to(self.device)
        features = {each.name: each.look(rounded, None) for each in self.networks}
        return Seen(rounded, sha256, self._described(rounded), features)

    def entry(self, pair: Pair, index: int) -> dict[str, Any]:
        """The last pair, as the result lists it."""
        rows = {
            row: {
                **({"sha256": self.drawn[row].sha256} if row in self.drawn else {}),
                **{key: short(value) for key, value in numbers.items()},
            }
            for row, numbers in self.numbers.items()
        }
        height, width = pair.content.shape[-2:]
        facts = {"name": pair.name, "position": index, "size": [width, height]}
        return {**facts, "sources": pair.sources, "rows": rows}

    def line(self, pair: Pair, recipes: Mapping[str, Mapping[str, Any]]) -> Line:
        """The last pair, as the sheet shows it."""
        drawn = {row: seen.picture for row, seen in self.drawn.items() if row != CONTENT}
        pictures = {CONTENT: pair.content, STYLE: pair.style, **drawn}
        numbers = {
            row: {key: values[key] for key in SHOWN if key in values}
            for row, values in self.numbers.items()
        }
        return Line(pair.name, pictures, numbers, recipes)

    def rows(self) -> dict[str, dict[str, float]]:
        """Row → column → value, over everything that was added."""
        means, spreads = self.scores.means(), self.scores.spreads()
        rows = {row: {**columns, **spreads[row]} for row, columns in means.items()}
        for row, times in self.times.items():
            rows[row] |= {name: median(values) for name, values in times.items()}
            if self.peaks.get(row) is not None:
                rows[row]["peak_mib"] = self.peaks[row] / 2**20
        return rows

    def _add(self, row: str, seen: Seen, **known: float) -> None:
        """Compares a picture with the pair's content and style."""
        content, numbers = self.drawn[CONTENT], known
        if self.network is not None:
            encoder, own = self.network.encoder, seen.described
            if "style_distance" not in numbers:
                numbers["style_distance"] = style_distance(encoder, own, self.wanted)
            numbers["content_distance"] = content_distance(encoder, own, content.described)
        numbers["ssim"] = float(ssim(seen.picture, content.picture))
        for name, features in seen.features.items():
            apart = perceptual_distance(features, content.features[name])
            numbers[f"distance_{name}"] = float(apart)
        self.scores.add(row, **numbers)
        self.numbers[row] = numbers

    def _described(self, picture: Tensor) -> Described | None:
        return None if self.network is None else describe(self.network.encoder, picture)


class _Run:
    """One drawing of a pair, timed: `picture`, and `seconds` with the style read and kept."""

    def __init__(self, method: TransferMethod, pair: Pair, device: torch.device) -> None:
        self.method, self.device = method, device
        self.content, self.style = pair.content.to(device), pair.style.to(device)
        self.picture: Tensor | None = None
        self.seconds: dict[str, float] = {}

    def __call__(self) -> None:
        look, reading = self.style, 0.0
        if self.method.read is not None:
            look, reading = timed(lambda: self.method.read(self.style), self.device)
        self.picture, drawing = timed(lambda: self.method.draw(self.content, look), self.device)
        self.seconds = {"seconds": reading + drawing}
        if self.method.read is not None:
            self.seconds["seconds_style_kept"] = drawing


def _recipe(method: TransferMethod, pair: Pair) -> dict[str, Any]:
    """What a drawing was made from."""
    height, width = pair.content.shape[-2:]
    return {
        "kind": "score",
        "row": method.row,
        "how": method.description,
        "checkpoint": method.digest,
        CONTENT: _pixels(pair.content),
        STYLE: _pixels(pair.style),
        "size": [width, height],
    }


def _pixels(picture: Tensor) -> str:
    return digest((picture[0] * 255).round().to(torch.uint8))
