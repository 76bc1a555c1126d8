"""What the losses of several processes have to agree on."""

from __future__ import annotations

import torch.distributed as processes
from torch import Tensor


def over_processes(count: Tensor) -> Tensor:
    """The mean of a count over all processes of a training; the count itself where there is one.

    Gradients are averaged over processes. So a loss that divides by what its pictures happen to
    show, such as labelled pixels, is that of all pictures only if every process divides by the
    mean of these counts. All processes have to ask, and equally often.
    """
    if not (processes.is_available() and processes.is_initialized()):
        return count
    mean = count.detach().float().clone()
    processes.all_reduce(mean)
    return mean / processes.get_world_size()
