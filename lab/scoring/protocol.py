"""What every row and column of a score means, in words that travel with the numbers."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
import torchvision

from lab.scoring.features import FeatureNetwork
from lab.scoring.methods import ORACLE, Method

LOOKS, DIVERSITY_LAYOUTS = 3, 16
KID_SUBSETS, KID_SIZE = 100, 50


def kid_size(count: int) -> int:
    """Pictures in a subset: of few, half, since the whole set would always be the same one."""
    return min(KID_SIZE, max(2, count // 2))


def protocol(
    methods: Sequence[Method],
    judge: str,
    networks: Sequence[FeatureNetwork],
    *,
    count: int,
) -> dict[str, Any]:
    """What the rows and columns of `count` pictures mean; `judge` is its digest."""
    words = {
        "scored_as": "8-bit RGB, as PNG holds it, never JPEG; sha256 of the (H, W, 3) bytes",
        "judge": judge,
        "pixel_accuracy": "share of the pixels that the judge reads as their label; pixels without "
        "a class (255, void) are left out of this and of the IoU",
        "mean_iou": "of the confusion matrix summed over all pictures, averaged over the classes "
        "that occur in labels or readings; of_oracle: as a share of the photographs'",
        "rows": {method.row: method.description for method in methods},
        "checkpoints": {method.row: method.digest for method in methods if method.digest},
    }
    if networks:
        words |= {
            "features": {n.name: f"{n.description}; weights {n.digest[:16]}" for n in networks},
            "kid": f"squared MMD of pooled features to those of the {count} photos, cubic kernel, "
            f"unbiased, {KID_SUBSETS} subsets of {kid_size(count)} without repetition; ± is "
            "the deviation of one subset's value; the oracle row is the photos against themselves",
            "frechet": "of Gaussians fitted to the same features, float64, the root's trace by "
            f"singular values; biased upwards for as few pictures as {count}; called FID with "
            "Inception's features only",
            "distance": "to the photo: squared distance of features of unit length per place, mean "
            "over places and layers, unweighted; not LPIPS",
            "diversity": f"mean pairwise distance of {LOOKS} drawings of a layout by other seeds, "
            f"{min(count, DIVERSITY_LAYOUTS)} layouts; 0 where nothing is drawn by lot",
        }
    if any(method.row != ORACLE for method in methods):
        words |= {"psnr": "dB, to the photo, all pixels", "ssim": "of the luma, to the photo"}
        words["seconds"] = "median of the method's own calls, one picture each"
    return words


def environment(device: torch.device) -> dict[str, Any]:
    """The machine and the versions that numbers were made with."""
    cuda = device.type == "cuda"
    name = torch.cuda.get_device_name(device) if cuda else platform.machine()
    threads = "" if cuda else f", threads: {torch.get_num_threads()}"
    versions = {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "torchvision": torchvision.__version__,
        "numpy": np.__version__,
    }
    return {"device": f"{device.type} ({name}){threads}", "versions": versions}
