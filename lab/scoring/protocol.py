"""What every row and column of a score means, in words that travel with the numbers."""

from __future__ import annotations

import inspect
import platform
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
import torchvision

from lab.catalog import METRICS
from lab.metrics.style import CONTENT_LAYER, SCALES, STYLE_LAYERS
from lab.scoring.features import FeatureNetwork
from lab.scoring.methods import ORACLE, Method
from lab.scoring.style_network import StyleNetwork
from lab.scoring.stylizers import TransferMethod

LOOKS, DIVERSITY_LAYOUTS = 3, 16
KID_SUBSETS, KID_SIZE = 100, 50
SCORED_AS = "8-bit RGB, as PNG holds it, never JPEG; sha256 of the (H, W, 3) bytes"


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
    """What the rows and columns of `count` pictures mean; `judge` is its digest, empty without
    one. Of one picture, nothing is said of sets."""
    words = {"scored_as": SCORED_AS}
    if judge:
        words |= {
            "judge": judge,
            "pixel_accuracy": "share of the pixels that the judge reads as their label; pixels "
            "without a class (255, void), or of one that the domain does not score, are left out "
            "of this and of the IoU",
            "mean_iou": "of the confusion matrix summed over all pictures, averaged over the "
            "classes that occur in labels or readings; of_oracle: as a share of the photographs'",
        }
    words |= {
        "rows": {method.row: method.description for method in methods},
        "checkpoints": {method.row: method.digest for method in methods if method.digest},
    }
    if networks:
        words |= {
            "features": {n.name: f"{n.description}; weights {n.digest[:16]}" for n in networks},
            "distance": "to the photo: squared distance of features of unit length per place, mean "
            "over places and layers, unweighted; not LPIPS",
        }
    if networks and count > 1:
        words |= {
            "kid": f"squared MMD of pooled features to those of the {count} photos, cubic kernel, "
            f"unbiased, {KID_SUBSETS} subsets of {kid_size(count)} layouts without repetition, no "
            "picture compared with the one of its own layout; ± is the deviation of one subset's "
            "value; the oracle row is the photos against themselves",
            "frechet": "of Gaussians fitted to the same features, float64, the root's trace by "
            f"singular values; biased upwards for as few pictures as {count}; called FID with "
            "Inception's features only",
            "diversity": f"mean pairwise distance of {LOOKS} drawings of a layout by other seeds, "
            f"{min(count, DIVERSITY_LAYOUTS)} layouts; 0 where nothing is drawn by lot",
        }
    if any(method.row != ORACLE for method in methods):
        words |= {name: _meaning(name) for name in METRICS}
        words["seconds"] = "median of the method's own calls, one picture each"
    return words


def _meaning(metric: str) -> str:
    """What a column of `METRICS` is; without words of its own, what its function says it does."""
    known = {"psnr": "dB, to the photo, all pixels", "ssim": "of the luma, to the photo"}
    return known.get(metric) or f"to the photo: {inspect.getdoc(METRICS[metric])}".splitlines()[0]


def transfer_protocol(
    methods: Sequence[TransferMethod],
    network: StyleNetwork | None,
    networks: Sequence[FeatureNetwork],
) -> dict[str, Any]:
    """What the rows and columns of pairs of pictures mean."""
    words = {
        "scored_as": SCORED_AS,
        **({} if network is None else _distances(network)),
        "ssim": "of the luma, to the content",
        "mean": "every column but seconds and memory is the mean over all pairs; ± is the standard "
        "deviation of one pair's value",
        "seconds": "median over the pairs of one drawing, the style's statistics included; "
        "style_kept: without them, of methods that can keep a style",
        "peak_mib": "memory of one drawing of the first pair, style included, beyond what was held "
        "before: of this process on the CPU, allocated by torch on CUDA",
        "rows": {
            "content": "the untouched content",
            "style": "the style picture itself; against the content, resized to its size",
            **{method.row: method.description for method in methods},
        },
        "checkpoints": {method.row: method.digest for method in methods if method.digest},
    }
    if networks:
        words |= {
            "features": {n.name: f"{n.description}; weights {n.digest[:16]}" for n in networks},
            "distance": "to the content, by the network named: squared distance of features of "
            "unit length per place, mean over places and layers, unweighted; like LPIPS, not LPIPS",
        }
    return words


def _distances(network: StyleNetwork) -> dict[str, str]:
    """What the distances of a style network mean."""
    layers, scales = ", ".join(STYLE_LAYERS), ", ".join(f"{scale:g}" for scale in SCALES)
    return {
        "network": f"distances by {network.name}, {network.description}weights "
        f"{network.digest[:16]}",
        "style_distance": f"to the style: ‖G - G(style)‖² / ‖G(style)‖² of the Gram matrices G of "
        f"{layers} of {network.name}, mean over these and over copies of {scales} times the size",
        "content_distance": f"to the content: mean squared difference of {CONTENT_LAYER} of "
        f"{network.name}, every channel with mean 0 and deviation 1",
    }


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
