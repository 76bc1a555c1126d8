"""A training objective without pictures: two scalars that chase each other's tails."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from training.loop import Losses


@dataclass(frozen=True)
class ToyStage:
    """A stage; `learns` names the networks that do."""

    steps: int = 4
    batch: int = 1
    lr: float | None = None
    learns: tuple[str, ...] = ("first", "second")


class Numbers(Dataset):
    """Item (epoch, index): a number that both settle, the same in every run."""

    def __len__(self) -> int:
        return 5

    def __getitem__(self, place: tuple[int, int]) -> Tensor:
        epoch, index = place
        generator = torch.Generator().manual_seed(1000 * epoch + index)
        return torch.randn(3, generator=generator)


@dataclass
class Toy:
    """Two linear layers: the first fits the data, the second fits the first's new output."""

    stages: tuple[ToyStage, ...] = (ToyStage(),)
    spoil: Callable[[int], float] = lambda call: 1.0
    calls: int = 0
    seen: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        torch.manual_seed(0)
        self.networks: dict[str, nn.Module] = {"first": nn.Linear(3, 1), "second": nn.Linear(3, 1)}
        self.averaged: Mapping[str, nn.Module] = dict(self.networks)

    def enter(self, stage: int) -> Dataset:
        """Freezes what the stage does not name."""
        for name, network in self.networks.items():
            network.requires_grad_(name in self.stages[stage].learns)
        return Numbers()

    def phases(self, batch: Tensor) -> Iterator[tuple[str, Losses]]:
        """First, then second, which sees what the first's step has made of it."""
        self.calls += 1
        first, second = self.networks["first"], self.networks["second"]
        before = first.weight.detach().clone()
        target = batch.sum(1, keepdim=True)
        error = (first(batch) - target).square().mean()
        if first.weight.requires_grad:
            losses = {
                "fit": error * self.spoil(self.calls),
                "size": 0.01 * first.weight.norm() ** 2,
            }
            yield "first", losses
        self.seen.append((batch, before, first.weight.detach().clone()))
        if second.weight.requires_grad:
            with torch.no_grad():
                goal = first(batch)
            yield "second", {"fit": (second(batch) - goal).square().mean()}

    def preview(self, averaged: Mapping[str, nn.Module]) -> dict[str, Tensor]:
        """The averaged weights as a grey picture."""
        return {"weights": averaged["first"].weight.sigmoid().mean().detach().expand(3, 4, 4)}
