"""Where the head and the legs of people would be, from how high they are."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from lab.data.parts.perspective import LOUD, Street

HEAD, HIP = 0.87, 0.52  # shares of the height: the chin, where legs begin
READ = 1  # share of the height
HINTS = 2
PLANES = READ + HINTS


def read(street: Street) -> np.ndarray:
    """Of pedestrians and cyclists, (1, H, W) float32: how high a pixel's middle lies between the
    lowest and the highest seen of them, in (0, 1); 0 elsewhere."""
    planes = np.zeros((READ, *street.labels.shape), np.float32)
    for ys, xs in street.objects("pedestrian", "bicyclist").values():
        planes[0, ys, xs] = (ys.max() + 0.5 - ys) / (np.ptp(ys) + 1)
    return planes


def waves(plane: Tensor) -> Tensor:
    """What the generator sees of `read`, (B, 1, H, W): itself, 4 on heads, 4 on legs."""
    up = plane[:, 0]
    return torch.stack([up, LOUD * (up > HEAD), LOUD * ((up > 0) & (up < HIP))], 1)
