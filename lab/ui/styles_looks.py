"""How a class is grouped into looks, by its checkpoint or a visitor, and what a look paints."""

import copy
from dataclasses import dataclass, replace

import numpy as np
import torch

from lab.analysis.clustering import cluster, nearest, silhouette
from lab.analysis.swatches import Stand, stand
from lab.lab import Lab
from lab.models.styles import StyleBank
from lab.pipelines.synthesis import SynthesisPipeline
from lab.ui.domains import Bank, bank_of, card_of, domain_of
from lab.ui.pictures import Looks, recipe_of, synthesize
from lab.ui.store import keep

MOST = 12  # looks a visitor may ask for: each is a picture to draw


@dataclass(frozen=True)
class Grouping:
    """The looks of one class.

    Attributes:
        name: of the checkpoint. label: the class.
        centers: (S, F), largest cluster first. sizes: (S,) objects in each.
        spreads: (S,) or None, silhouette: or None where the checkpoint was not measured.
        features: (N, F) the stored objects of the class, none where it stores none.
        members: (N,) the look nearest to each of them.
        own: whether a visitor made it of the stored objects; else it is the checkpoint's.
    """

    name: str
    label: int
    centers: np.ndarray
    sizes: np.ndarray
    spreads: np.ndarray | None
    silhouette: float | None
    features: np.ndarray
    members: np.ndarray
    own: bool = False


def bank_with(lab: Lab, name: str, label: int) -> Bank:
    """The bank of a checkpoint, in which the class has looks.

    Raises:
        ValueError: it has none.
    """
    bank = bank_of(lab, name)
    if bank is None or not bank.counts[label]:
        raise ValueError("This class has no looks; choose another one.")
    return bank


def stored(lab: Lab, name: str, label: int) -> Grouping:
    """The looks as the checkpoint has them.

    Raises:
        ValueError: the class has none.
    """
    bank = bank_with(lab, name, label)
    count = int(bank.counts[label])
    centers, features = bank.centers[label, :count], objects(bank, label)
    return Grouping(
        name,
        label,
        centers=centers,
        sizes=bank.sizes[label, :count],
        spreads=None if bank.spreads is None else bank.spreads[label, :count],
        silhouette=None if bank.silhouettes is None else float(bank.silhouettes[label]),
        features=features,
        members=nearest(features, centers),
    )


def grouped(lab: Lab, name: str, label: int, count: int) -> Grouping:
    """The looks a visitor asked for: K-means of the stored objects into `count` clusters.

    As many as the checkpoint has are the checkpoint's own, which were made of all objects.

    Raises:
        ValueError: the checkpoint stores no objects of the class, or not so many different ones.
    """
    own = stored(lab, name, label)
    if count == len(own.centers):
        return own
    if not len(own.features):
        raise ValueError(f"{name} stores no objects to group anew; its own looks stay.")
    found = cluster(own.features.astype(np.float64), count)
    return Grouping(
        name,
        label,
        centers=found.centers.astype(np.float32),
        sizes=found.sizes,
        spreads=found.spreads,
        silhouette=silhouette(own.features, found.members),
        features=own.features,
        members=found.members,
        own=True,
    )


def objects(bank: Bank, label: int) -> np.ndarray:
    """The stored objects (N, F) of a class; N is 0 where the bank stores none."""
    if bank.features is None or bank.kept is None:
        return np.zeros((0, bank.centers.shape[2]), np.float32)
    return bank.features[label, : int(bank.kept[label])]


def most_looks(lab: Lab, name: str, label: int) -> int:
    """The largest number of looks that can be asked for; the checkpoint's own where it stores no
    objects."""
    bank = bank_with(lab, name, label)
    different = len(np.unique(objects(bank, label), axis=0))
    return max(int(bank.counts[label]), min(MOST, different))


def silhouettes(grouping: Grouping) -> dict[int, float]:
    """Number of looks → mean silhouette of the stored objects, as far as they can be grouped."""
    features = grouping.features.astype(np.float64)
    most = min(MOST, len(np.unique(features, axis=0)) - 1)
    return {k: silhouette(features, cluster(features, k).members) for k in range(2, most + 1)}


def stand_of(lab: Lab, name: str, label: int) -> Stand:
    """Where a class of a checkpoint is shown."""
    space, size = domain_of(lab, name)
    return stand(label, space, size)


def painted(lab: Lab, grouping: Grouping, look: int) -> str:
    """Path of the scene with every object of the class in one look, all others in usual ones."""
    shown = stand_of(lab, grouping.name, grouping.label)
    choice = Looks(shown.styles(look))
    if not grouping.own:
        return synthesize(lab, grouping.name, shown.layout, choice).path
    pipeline = with_centers(lab.synthesizer(grouping.name), grouping)
    card = card_of(lab, grouping.name)
    recipe, styles = recipe_of(card, pipeline, shown.layout, choice)
    recipe["centers"] = {str(grouping.label): grouping.centers.tolist()}
    return keep(recipe, lambda: pipeline(shown.layout, styles=styles)).path


def with_centers(pipeline: SynthesisPipeline, grouping: Grouping) -> SynthesisPipeline:
    """The same networks, and a bank of their own in which one class has other centres.

    What the lab holds for everybody is not touched.
    """
    bank, count = pipeline.bank, len(grouping.centers)
    if bank is None:
        raise ValueError(f"{grouping.name} has no looks; choose a checkpoint of pix2pixHD.")
    most = max(bank.config.clusters, count)
    config = replace(bank.config, clusters=most, measured=False, samples=0, pictures=0)
    other = StyleBank(config)
    other.centers[:, : bank.config.clusters] = bank.centers.cpu()
    other.counts.copy_(bank.counts)
    other.centers[grouping.label, :count] = torch.from_numpy(grouping.centers)
    other.counts[grouping.label] = count
    changed = copy.copy(pipeline)
    changed.bank = other.to(pipeline.device)
    return changed
