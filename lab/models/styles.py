"""The style bank of pix2pixHD: cluster centres of objects' features (Wang et al. 2018, §3.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

ALIKE = 4  # objects of one class in one picture whose looks are kept


@dataclass(frozen=True)
class StyleBankConfig:
    """K classes, at most S clusters each, F features per cluster centre.

    `measured` banks also hold how wide and how well apart their clusters are, `samples` is how many
    objects per class are kept as they were clustered, and `pictures` of how many training pictures
    it is kept which looks they show together. A bank without has no such tables at all, so a
    checkpoint is read strictly by what its card says of it.
    """

    classes: int
    clusters: int = 10
    channels: int = 3
    measured: bool = False
    samples: int = 0
    pictures: int = 0


class StyleBank(nn.Module):
    """K-means centres of encoded features, a table per class (§3.4, multi-modal synthesis).

    Buffers: `centers` (K, S, F), largest cluster first; `counts` (K,) clusters that exist;
    `sizes` (K, S) objects of the training set in each cluster. Measured banks also have
    `spreads` (K, S), the root mean square distance of a cluster's objects to its centre, and
    `silhouettes` (K,), the mean silhouette of the class's objects (Rousseeuw 1987) in [-1, 1],
    0 for a class of fewer than two clusters. Banks with M samples also have `features` (K, M, F),
    the style vectors of objects that were clustered, and `kept` (K,), how many of the M there are.
    Banks of P pictures have `together` (P, K, `ALIKE`) int8: the clusters of the largest objects of
    every class in a training picture, -1 where it has no more.
    """

    centers: Tensor
    counts: Tensor
    sizes: Tensor
    spreads: Tensor
    silhouettes: Tensor
    features: Tensor
    kept: Tensor
    together: Tensor

    def __init__(self, config: StyleBankConfig) -> None:
        super().__init__()
        self.config = config
        shape = (config.classes, config.clusters)
        self.register_buffer("centers", torch.zeros(*shape, config.channels))
        self.register_buffer("counts", torch.zeros(config.classes, dtype=torch.int64))
        self.register_buffer("sizes", torch.zeros(shape, dtype=torch.int64))
        if config.measured:
            self.register_buffer("spreads", torch.zeros(shape))
            self.register_buffer("silhouettes", torch.zeros(config.classes))
        if config.samples:
            kept = (config.classes, config.samples, config.channels)
            self.register_buffer("features", torch.zeros(kept))
            self.register_buffer("kept", torch.zeros(config.classes, dtype=torch.int64))
        if config.pictures:
            shown = torch.full((config.pictures, config.classes, ALIKE), -1, dtype=torch.int8)
            self.register_buffer("together", shown)

    def inertia(self, label: int) -> float:
        """Sum of the squared distances of a class's objects to their centres, what K-means lowers.

        Raises:
            ValueError: the bank was not measured.
        """
        if not self.config.measured:
            raise ValueError("This style bank holds no spreads; fit it again to measure them.")
        return float((self.sizes[label] * self.spreads[label].square()).sum())

    def by_lot(self, label: int, *, instance: int, seed: int) -> int:
        """A cluster for an object of class `label`, drawn by the seed and the object's id alone.

        The seed draws a training picture, and the object looks like one of the largest objects of
        its class there, so that looks which were seen in one light come in one light. A picture
        without the class lends the looks of the one most like it, by how many classes look alike,
        so that the ears under hair are still of the face's skin. A class that no picture shows is
        drawn by its clusters' sizes. Ours: the paper draws every object's centre by itself (§3.4),
        which pairs dusk with noon.
        """
        # Ids may be negative, seeds may not; those from 0 up are themselves.
        own = np.random.default_rng((seed % 2**63, int(instance) % 2**64))
        count = int(self.counts[label])
        shown = self._lent(label, seed) if self.config.pictures else None
        if shown is not None:
            return int(own.choice(shown))
        sizes = self.sizes[label, :count].cpu().numpy().astype(np.float64)
        return int(own.choice(count, p=sizes / sizes.sum() if sizes.any() else None))

    def _lent(self, label: int, seed: int) -> np.ndarray | None:
        """The clusters of class `label` in the picture of a seed, or in the one most like it.

        None where no picture shows the class.
        """
        looks = self.together.cpu().numpy()
        order = np.random.default_rng(seed % 2**63).permutation(len(looks))
        looks = looks[order]
        drawn = looks[0, :, 0]  # the largest object of every class
        alike = ((looks[:, :, 0] == drawn) & (drawn >= 0)).sum(1)
        alike[looks[:, label, 0] < 0] = -1
        nearest = int(alike.argmax())  # of several the first in the order
        shown = looks[nearest, label]
        return shown[shown >= 0] if alike[nearest] >= 0 else None

    def paint(self, labels: Tensor, instances: Tensor, choice: Mapping[int, int]) -> Tensor:
        """Writes the chosen centre into every object.

        An object takes the cluster of the class that most of it shows, unlabelled pixels left
        out; a class that had no object large enough to cluster stays at zero, the middle of E's
        range, and so do objects that `choice` does not name. Equal ids in different pictures of a
        batch are different objects, each of the class that it shows there.

        Args:
            labels, instances: (B, H, W) int64. choice: instance id → cluster index.
        Returns:
            (B, F, H, W) in [-1, 1].
        Raises:
            ValueError: an index is outside the class's clusters.
        """
        pictures = zip(labels, instances, strict=True)
        return torch.stack([self._paint(*maps, choice) for maps in pictures]).contiguous()

    def _paint(self, labels: Tensor, instances: Tensor, choice: Mapping[int, int]) -> Tensor:
        """`paint` of one picture: (H, W) twice → (F, H, W)."""
        classes = self.config.classes
        ids, index = torch.unique(instances, return_inverse=True)
        known = labels < classes
        votes = torch.bincount(
            index[known] * classes + labels[known], minlength=len(ids) * classes
        ).view(-1, classes)
        table = self.centers.new_zeros(len(ids), self.config.channels)
        for row, instance in enumerate(ids.tolist()):
            label = int(votes[row].argmax())
            count = int(self.counts[label]) if int(votes[row, label]) else 0
            if instance not in choice or count == 0:
                continue
            if not 0 <= choice[instance] < count:
                raise ValueError(
                    f"Object {instance} of class {label} was given style {choice[instance]}; "
                    f"that class has styles 0 to {count - 1}."
                )
            table[row] = self.centers[label, choice[instance]]
        return table[index].permute(2, 0, 1)

    def nearest(self, label: int, features: Tensor) -> int:
        """Index of the centre of class `label` that is closest to a style vector (F,)."""
        centers = self.centers[label, : int(self.counts[label])]
        return int((centers - features).square().sum(1).argmin())
