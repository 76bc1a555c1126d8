"""Exponential moving average of weights: what is previewed and exported."""

from __future__ import annotations

import copy
from collections.abc import Mapping

import torch
from torch import Tensor, nn


class EMA:
    """Averages the named modules; `modules` are frozen copies that lag behind the trained ones.

    The decay grows as min(decay, (1 + n) / (10 + n)), so that early averages forget the random
    start.
    """

    def __init__(self, modules: Mapping[str, nn.Module], decay: float) -> None:
        self.decay, self.updates = decay, 0
        self.modules = {
            name: copy.deepcopy(module).eval().requires_grad_(False)
            for name, module in modules.items()
        }

    @torch.no_grad()
    def update(self, modules: Mapping[str, nn.Module]) -> None:
        """average ← decay · average + (1 - decay) · weights."""
        self.updates += 1
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        for name, average in self.modules.items():
            own, current = list(average.parameters()), list(modules[name].parameters())
            torch._foreach_lerp_(own, [p.detach() for p in current], 1 - decay)

    def state_dict(self) -> dict[str, dict[str, Tensor] | int]:
        """Everything needed to go on exactly."""
        states = {name: module.state_dict() for name, module in self.modules.items()}
        return {"updates": self.updates, "modules": states}

    def load_state_dict(self, state: Mapping) -> None:
        """Restores `state_dict`, strictly."""
        self.updates = state["updates"]
        for name, module in self.modules.items():
            module.load_state_dict(state["modules"][name])
