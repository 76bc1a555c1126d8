"""Synthesizers against the photographs of their layouts, by a judge and by features.

Every picture is rounded to 8 bits before anything looks at it, as if it had been written as PNG
and read again; all of them are scored, and all go onto the sheet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from lab.catalog import METRICS
from lab.images import digest
from lab.metrics.distribution import frechet_distance, kid
from lab.metrics.segmentation import (
    class_iou,
    confusion_matrix,
    mean_iou,
    only_true,
    pixel_accuracy,
)
from lab.metrics.similarity import perceptual_distance
from lab.metrics.speed import timed
from lab.pipelines.segmentation import Reading, SegmentationPipeline
from lab.scoring.features import FeatureNetwork, as_stored
from lab.scoring.methods import ORACLE, Method
from lab.scoring.protocol import (
    DIVERSITY_LAYOUTS,
    KID_SUBSETS,
    LOOKS,
    environment,
    kid_size,
    protocol,
)
from lab.scoring.report import BAR, DEVIATION, Report, Scores, short, spread
from lab.scoring.scenes import Scene, Scenes
from lab.scoring.sheet import Line, Sheet


@dataclass(frozen=True, eq=False)
class Seen:
    """A picture as 8 bits hold it (1, 3, H, W), and what the networks make of it; no reading
    without a judge."""

    picture: Tensor
    sha256: str
    reading: Reading | None
    features: Mapping[str, Mapping[str, Tensor]]


def score_synthesis(
    scenes: Scenes,
    methods: Sequence[Method],
    *,
    judge: SegmentationPipeline,
    networks: Sequence[FeatureNetwork] = (),
    seed: int = 0,
    sheet: Sheet | None = None,
) -> Report:
    """Scores methods on layouts.

    Args:
        methods: the rows; the oracle is among them.
        networks: what distances are measured with; none leaves distances out.
        seed: layout number i of the split is drawn with `seed` + i.
        sheet: where every scored picture is shown; the caller finishes it.

    Raises:
        ValueError: fewer than two layouts, or files that cannot be read.
    """
    if len(scenes) < 2:
        raise ValueError(f"There is {len(scenes)} picture to score; two or more are needed.")
    tally, pictures = Tally(judge, networks), []
    diverse = {scenes.positions[k] for k in spread(len(scenes), DIVERSITY_LAYOUTS)}
    for scene in tqdm(scenes, desc="pictures", **BAR):
        photo = tally.look(scene.photo)
        drawn, numbers = {}, {}
        for method in methods:
            if method.row == ORACLE:
                seen = photo
            else:
                draw = partial(method.draw, scene, seed + scene.index)
                picture, seconds = timed(draw, judge.device)
                tally.seconds.setdefault(method.row, []).append(seconds)
                seen = tally.look(picture)
            drawn[method.row] = seen
            numbers[method.row] = tally.add(method.row, seen, photo=photo, scene=scene)
            if networks and scene.index in diverse and method.row != ORACLE:
                tally.diversity(method, seen, scene=scene, seed=seed)
        pictures.append(_entry(scene, drawn, numbers))
        if sheet is not None:
            recipes = {m.row: _recipe(m, scene, scenes.domain, seed=seed) for m in methods}
            sheet.add(_line(scene, drawn, numbers, recipes))
    facts = {
        **scenes.protocol(),
        **protocol(methods, judge.digest, networks, count=len(scenes)),
        "seed": f"{seed} + the layout's place in the split",
        **environment(judge.device),
    }
    title = f"Synthesis: {scenes.domain}"
    return Report(title, facts, tally.rows(), tally.classes(), pictures)


class Tally:
    """What has been measured so far, row by row; of pictures it keeps numbers alone.

    judge: without one, what it would read is left out.
    """

    def __init__(
        self, judge: SegmentationPipeline | None, networks: Sequence[FeatureNetwork] = ()
    ) -> None:
        self.judge, self.networks, self.scores = judge, networks, Scores()
        self.counted: dict[str, int] = {}
        self.matrices: dict[str, Tensor] = {}
        self.pooled: dict[str, dict[str, list[Tensor]]] = {}
        self.seconds: dict[str, list[float]] = {}

    @torch.inference_mode()
    def look(self, picture: Tensor) -> Seen:
        """Rounds a picture (1, 3, H, W) to 8 bits and shows it to judge and networks."""
        rounded, sha256 = as_stored(picture)
        reading = None
        if self.judge is not None:
            rounded = rounded.to(self.judge.device)
            reading = self.judge.read(rounded)
        features = {network.name: network.look(rounded, reading) for network in self.networks}
        return Seen(rounded, sha256, reading, features)

    def add(self, row: str, seen: Seen, *, photo: Seen | None, scene: Scene) -> dict[str, float]:
        """Counts a picture in; returns its own numbers. Without a photo: what the judge reads."""
        self.counted[row] = self.counted.get(row, 0) + 1
        numbers = {} if seen.reading is None else self._read(row, seen.reading, scene)
        if photo is None:
            return numbers
        for name, features in seen.features.items():
            kept = self.pooled.setdefault(name, {}).setdefault(row, [])
            kept.append(features["pooled"].cpu())
        distances = {
            f"distance_{name}": float(perceptual_distance(features, photo.features[name]))
            for name, features in seen.features.items()
            if _has_places(features)
        }
        self.scores.add(row, **distances)
        if row != ORACLE:
            pair = seen.picture, photo.picture
            self.scores.add(row, **{name: metric(*pair) for name, metric in METRICS.items()})
        return {**numbers, **distances}

    def diversity(self, method: Method, seen: Seen, *, scene: Scene, seed: int) -> None:
        """How far drawings of one layout are apart; `seen` is the first of them."""
        looks = [seen]
        if method.seeded:
            first = seed + scene.index
            looks += [self.look(method.draw(scene, first + k)) for k in range(1, LOOKS)]
        for name, features in seen.features.items():
            if _has_places(features):
                pairs = combinations([look.features[name] for look in looks], 2)
                apart = [float(perceptual_distance(x, y)) for x, y in pairs] or [0.0]
                self.scores.add(method.row, **{f"diversity_{name}": sum(apart) / len(apart)})

    def rows(self, *, sets: bool = True) -> dict[str, dict[str, float]]:
        """Row → column → value, over everything that was added; `sets` false leaves out the
        distances of whole sets, which say nothing of a few pictures."""
        means = self.scores.means()
        rows: dict[str, dict[str, float]] = {}
        for row in self.counted:
            rows[row] = self._judged(row)
            for network in self.networks if sets else ():
                rows[row] |= self._distances(row, network)
            rows[row] |= means.get(row, {})
            if row in self.seconds:
                rows[row]["seconds"] = float(np.median(self.seconds[row]))
        return rows

    def classes(self) -> dict[str, dict[str, float]]:
        """Row → class → IoU, NaN for a class that neither occurs nor is read; {} without judge."""
        if self.judge is None:
            return {}
        space, read = self.judge.space, {}
        for row, matrix in self.matrices.items():
            iou = class_iou(matrix).tolist()
            read[row] = {space.names[label]: iou[label] for label in space.scored}
        return read

    def _read(self, row: str, reading: Reading, scene: Scene) -> dict[str, float]:
        """Counts what the judge reads in."""
        labels = scene.layout.labels.to(self.judge.device)
        space = self.judge.space
        matrix = confusion_matrix(reading.labels, labels, len(space)).cpu()
        matrix = only_true(matrix, space.scored)
        self.matrices[row] = self.matrices.get(row, 0) + matrix
        return {"pixel_accuracy": pixel_accuracy(matrix)}

    def _judged(self, row: str) -> dict[str, float]:
        """What the judge read of all pictures of a row."""
        if row not in self.matrices:
            return {}
        scored = self.judge.space.scored
        iou = mean_iou(self.matrices[row], scored)
        numbers = {"pixel_accuracy": pixel_accuracy(self.matrices[row]), "mean_iou": iou}
        if ORACLE in self.matrices:
            best = mean_iou(self.matrices[ORACLE], scored)
            numbers["of_oracle"] = iou / best if best else float("nan")
        return numbers

    def _distances(self, row: str, network: FeatureNetwork) -> dict[str, float]:
        """Of a row's pictures as a set from the photographs; one picture is no set."""
        pooled = self.pooled.get(network.name, {})
        if len(pooled.get(row, ())) < 2:
            return {}
        real, fake = (torch.cat(pooled[name]) for name in (ORACLE, row))
        subsets = {"subsets": KID_SUBSETS, "size": kid_size(len(real))}
        mean, deviation = kid(real, fake, paired=True, **subsets)
        return {
            network.kid: mean,
            network.kid + DEVIATION: deviation,
            network.frechet: frechet_distance(real, fake),
        }


def _has_places(features: Mapping[str, Tensor]) -> bool:
    return any(x.ndim == 4 for x in features.values())


def _entry(
    scene: Scene, drawn: Mapping[str, Seen], numbers: Mapping[str, Mapping[str, float]]
) -> dict[str, Any]:
    """One scored layout, as the result lists it."""
    rows = {
        row: {"sha256": seen.sha256, **{key: short(v) for key, v in numbers[row].items()}}
        for row, seen in drawn.items()
    }
    return {"name": scene.name, "position": scene.index, "sources": scene.sources, "rows": rows}


def _line(
    scene: Scene,
    drawn: Mapping[str, Seen],
    numbers: Mapping[str, Mapping[str, float]],
    recipes: Mapping[str, Mapping[str, Any]],
) -> Line:
    """One scored layout, as the sheet shows it."""
    pictures = {"layout": scene.layout.space.colorize(scene.layout.labels)}
    pictures |= {row: seen.picture for row, seen in drawn.items()}
    return Line(scene.name, pictures, numbers, recipes)


def _recipe(method: Method, scene: Scene, domain: str, *, seed: int) -> dict[str, Any]:
    """What a drawing was made from."""
    return {
        "kind": "score",
        "row": method.row,
        "checkpoint": method.digest,
        "domain": domain,
        "layout": scene.name,
        "labels": digest(scene.layout.labels),
        "instances": digest(scene.layout.instances),
        "seed": seed + scene.index,
        "size": list(scene.layout.size),
    }
