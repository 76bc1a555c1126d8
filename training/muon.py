"""Muon (Jordan et al. 2024): momentum whose directions all count alike.

Features are much alike from channel to channel, so gradients of convolutions lie in few directions
and Adam, which weighs every number by itself, is slow in all others. Here the momentum of a layer,
a matrix of outputs x inputs, is replaced by the nearest matrix with equal singular values.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

# Newton-Schulz: x ← a x + b x³ + c x⁵ draws singular values from (0, 1] to about 1, fastest by
# these coefficients of the authors.
COEFFICIENTS, ROUNDS = (3.4445, -4.7750, 2.0315), 5
SINGLE = 0.1  # share of the rate for biases, which have no directions and are stepped by Adam


class Muon(torch.optim.Optimizer):
    """For networks of convolutions and linear layers.

    Args:
        lr: about 0.02, since a step has this size in every direction, whatever the gradient.
        momentum: of matrices. betas: Adam's, for what has one dimension.
    """

    def __init__(
        self,
        parameters: Iterable[nn.Parameter],
        *,
        lr: float,
        momentum: float = 0.95,
        betas: tuple[float, float] = (0.9, 0.99),
    ) -> None:
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "betas": betas})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:
        """One step down the gradients there are; `closure` is not supported."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                if parameter.ndim < 2:
                    _step_single(parameter, self.state[parameter], group)
                else:
                    _step_matrix(parameter, self.state[parameter], group)


def orthogonalized(matrix: Tensor) -> Tensor:
    """(m, n) → nearly its polar factor U Vᵀ: singular values between about 0.7 and 1.2."""
    a, b, c = COEFFICIENTS
    x = matrix / (matrix.norm() + 1e-12)
    if wide := x.shape[0] <= x.shape[1]:
        x = x.T
    for _ in range(ROUNDS):
        square = x.T @ x
        x = x @ (b * square + c * square @ square) + a * x
    return x.T if wide else x


def _step_matrix(parameter: Tensor, state: dict, group: dict) -> None:
    if not state:
        state["momentum"] = torch.zeros_like(parameter)
    momentum = state["momentum"].mul_(group["momentum"]).add_(parameter.grad)
    ahead = parameter.grad.add(momentum, alpha=group["momentum"])  # Nesterov's
    matrix = ahead.flatten(1).float()
    scale = max(1.0, matrix.shape[0] / matrix.shape[1]) ** 0.5
    step = orthogonalized(matrix).view(ahead.shape).to(parameter.dtype)
    parameter.add_(step, alpha=-group["lr"] * scale)


def _step_single(parameter: Tensor, state: dict, group: dict) -> None:
    if not state:
        state["step"] = torch.zeros(())
        state["mean"], state["square"] = torch.zeros_like(parameter), torch.zeros_like(parameter)
    first, second = group["betas"]
    state["step"] += 1
    mean = state["mean"].lerp_(parameter.grad, 1 - first) / (1 - first ** state["step"].item())
    square = state["square"].lerp_(parameter.grad.square(), 1 - second)
    size = (square / (1 - second ** state["step"].item())).sqrt() + 1e-8
    parameter.addcdiv_(mean, size, value=-group["lr"] * SINGLE)
