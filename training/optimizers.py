"""The optimizers of a run: which they are, and how one goes on with the state of an earlier one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from training.muon import Muon
from training.settings import Optim


def build_optimizer(parameters: Iterable[nn.Parameter], optim: Optim) -> Optimizer:
    """Adam or Muon, as the settings say."""
    if optim.method == "muon":
        return Muon(parameters, lr=optim.lr)
    return torch.optim.Adam(parameters, lr=optim.lr, betas=optim.betas, fused=True)


def load_optimizer(optimizer: Optimizer, state: Mapping[str, Any]) -> None:
    """Goes on with what an optimizer of the same kind had learned of the gradients.

    Its settings, such as `betas`, stay those it was built with.

    Raises:
        ValueError: the state of another kind, which torch would take and fail at the next step.
    """
    groups, others = optimizer.state_dict()["param_groups"], state["param_groups"]
    was_muon = "momentum" in others[0]  # of the two, Muon alone has one
    if was_muon != ("momentum" in groups[0]):
        raise ValueError(f"optim.method was {'muon' if was_muon else 'adam'}")
    optimizer.load_state_dict({"state": state["state"], "param_groups": groups})
