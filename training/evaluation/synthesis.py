"""pix2pixHD against the photographs of its layouts, between a floor and other real photographs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import torch
from torch import Tensor
from tqdm import tqdm

from lab.baselines.palette import Palette
from lab.data.crops import Sample
from lab.interfaces import Layout
from lab.metrics.distribution import kid
from lab.metrics.mobilenet import MobileNetFeatures
from lab.metrics.similarity import perceptual_distance, psnr, ssim
from lab.pipelines.synthesis import SynthesisPipeline
from training.evaluation.report import Report, Scores, spread, strip

LOOKS, DIVERSITY_PICTURES = 3, 16
KID_SUBSETS, KID_SIZE = 100, 50


def evaluate_synthesis(
    pipeline: SynthesisPipeline,
    pictures: Sequence[Sample],
    training: Sequence[Sample],
    network: MobileNetFeatures,
) -> Report:
    """Scores of a generator, of the palette and of real photographs of other places.

    Args:
        pictures: validation samples, 2 or more, all of one size.
        training: samples of the training split, 2 or more: they give the palette its colours, and
            as photographs they show which KID a perfect generator could reach.
        network: the judge, on the pipeline's device.
    """
    palette = Palette.from_samples(training, pipeline.space)
    judge, strips = Judge(network), []
    diverse = spread(len(pictures), DIVERSITY_PICTURES)
    for index, sample in enumerate(tqdm(pictures, desc="pictures", mininterval=5)):
        layout = Layout(sample["labels"][None], sample["instances"][None], pipeline.space)
        photo = sample["photo"][None].to(pipeline.device)
        # Its own seeds for every picture, else the same class would look alike in all of them.
        first, *others = range(LOOKS * index, LOOKS * (index + 1))
        drawn = {
            "redraw": pipeline.redraw(photo, layout),
            "largest clusters": pipeline(layout),
            "random looks": pipeline(layout, seed=first),
            "palette": palette(layout).to(photo),
        }
        judge.compare(photo, drawn)
        if index in diverse:
            looks = [drawn["random looks"], *(pipeline(layout, seed=seed) for seed in others)]
            judge.diversity("random looks", looks)
        layout_picture = pipeline.space.colorize(layout.labels)
        shown = [layout_picture, drawn["largest clusters"], drawn["redraw"], photo]
        strips.append(strip(shown, len(pictures)))
    for sample in training:
        judge.collect("training photos", sample["photo"][None].to(pipeline.device))
    size = min(KID_SIZE, len(pictures), len(training))
    protocol = {
        "pictures": len(pictures),
        "size": f"{photo.shape[-1]}x{photo.shape[-2]}",
        **_protocol(len(pictures), len(training), kid_size=size, diverse=len(diverse)),
    }
    return Report(protocol, judge.rows(size), strips)


def _protocol(pictures: int, training: int, *, kid_size: int, diverse: int) -> dict[str, Any]:
    """What the columns and rows mean."""
    return {
        "psnr": "dB, all pixels, unlabelled ones too",
        "ssim": "of the luma",
        "mobilenet_distance": "to the photo: unit-normalised features of MobileNet v2 (ImageNet; "
        "nothing was trained against it) at strides 2 to 32, unweighted; not LPIPS",
        "kid": f"MobileNet v2 pooled features against the {pictures} photos, unbiased, "
        f"{KID_SUBSETS} subsets of {kid_size}; kid_deviation is that of one subset",
        "diversity": f"mean pairwise mobilenet_distance of {LOOKS} drawings of a layout with "
        f"random looks, {diverse} layouts",
        "redraw": "looks read from the photo by E",
        "palette": f"every class in its mean colour over {training} training pictures",
    }


class Judge:
    """Everything the network saw: scores against the photo, and features for KID."""

    def __init__(self, network: MobileNetFeatures) -> None:
        self.network, self.scores = network, Scores()
        self.pooled: dict[str, list[Tensor]] = {}

    def collect(self, row: str, picture: Tensor) -> dict[str, Tensor]:
        """Features of one (1, 3, H, W); the pooled ones are kept for KID."""
        features = self.network(picture.contiguous(memory_format=torch.channels_last))
        self.pooled.setdefault(row, []).append(features["pooled"])
        return features

    def compare(self, photo: Tensor, drawn: Mapping[str, Tensor]) -> None:
        """Scores of drawings of one layout against its photo."""
        real = self.collect("photos", photo)
        for row, picture in drawn.items():
            self.scores.add(
                row,
                psnr=psnr(picture, photo),
                ssim=ssim(picture, photo),
                mobilenet_distance=perceptual_distance(self.collect(row, picture), real),
            )

    def diversity(self, row: str, pictures: Sequence[Tensor]) -> None:
        """How far drawings of one layout are apart."""
        features = [self.network(picture) for picture in pictures]
        distances = [perceptual_distance(x, y) for x, y in combinations(features, 2)]
        self.scores.add(row, diversity=torch.cat(distances).mean())

    def rows(self, kid_size: int) -> dict[str, dict[str, float]]:
        """Means of the scores, and KID of every row against the photos."""
        rows = self.scores.means()
        sets = {row: torch.cat(features) for row, features in self.pooled.items()}
        photos = sets.pop("photos")
        for row, features in sets.items():
            mean, deviation = kid(photos, features, subsets=KID_SUBSETS, size=kid_size)
            rows.setdefault(row, {}).update(kid=mean, kid_deviation=deviation)
        return rows
