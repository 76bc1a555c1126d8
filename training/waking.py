"""Channels that a ReLU has silenced for good, and their second chance (ReDo, Sokar et al. 2023).

A channel below zero for every picture has no gradient and never comes back. Of the 64 channels that
an earlier decoder of `linear` was to draw with at half the size, four were left, and greens turned
brown: three colours go through a ReLU on six. Recycled are those of which no step since the last
look had a gradient; what follows does not hear them at first, so no picture changes by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn

OUTPUTS, INPUTS = "outputs", "inputs"


class Waking:
    """Watches the convolutions and linear layers of networks, and draws silent channels anew.

    Args:
        every: steps between two looks; None watches nothing.
    """

    def __init__(self, every: int | None, *, seed: int) -> None:
        self.every, self.seed = every, seed
        self.heard: dict[str, Tensor] = {}  # per layer and side: who has had a gradient

    @torch.no_grad()
    def step(self, networks: Mapping[str, nn.Module], total: int) -> int:
        """After the step that makes `total`, from the gradients it left; returns how many woke."""
        if not self.every:
            return 0
        layers = list(_layers(networks))
        for name, layer in layers:
            learns = layer.weight.grad != 0
            for side, others in ((OUTPUTS, (1, 2, 3)), (INPUTS, (0, 2, 3))):
                some = learns.sum(others[: learns.ndim - 1]) > 0
                key = f"{name}.{side}"
                before = self.heard.get(key)
                self.heard[key] = some if before is None else some | before.to(some.device)
        if total % self.every:
            return 0
        generator = torch.Generator().manual_seed((self.seed * 1_000_003 + total) % 2**63)
        woken = [self._wake(layer, name, generator) for name, layer in layers]
        self.heard.clear()
        return sum(woken)

    def _wake(self, layer: nn.Conv2d | nn.Linear, name: str, generator: torch.Generator) -> int:
        """Draws the rows of silent outputs as PyTorch would, and clears those of silent inputs."""
        silent = ~self.heard[f"{name}.{OUTPUTS}"]
        fresh = torch.empty(layer.weight.shape)
        bound = fresh[0].numel() ** -0.5
        fresh.uniform_(-bound, bound, generator=generator)
        layer.weight[silent] = fresh.to(layer.weight)[silent]
        if layer.bias is not None:
            layer.bias[silent] = 0
        layer.weight[:, ~self.heard[f"{name}.{INPUTS}"]] = 0
        return int(silent.sum())

    def state_dict(self) -> dict[str, Tensor]:
        """Everything needed to go on exactly."""
        return dict(self.heard)

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Restores `state_dict`."""
        self.heard = dict(state)


def _layers(networks: Mapping[str, nn.Module]) -> Iterator[tuple[str, nn.Conv2d | nn.Linear]]:
    """Name and layer, of those that this step had gradients for; grouped ones are left alone."""
    for network, module in networks.items():
        for name, layer in module.named_modules():
            whole = isinstance(layer, nn.Linear) or (
                isinstance(layer, nn.Conv2d) and layer.groups == 1
            )
            if whole and layer.weight.grad is not None:
                yield f"{network}.{name}", layer
