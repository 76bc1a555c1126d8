"""A dataset asked for (epoch, index), so that what is drawn depends on nothing else."""

from __future__ import annotations

from typing import Any

from torch.utils.data import Dataset


class Epochs(Dataset):
    """Wraps a dataset with `set_epoch`; item (epoch, index) is the same in every worker and run."""

    def __init__(self, dataset: Any) -> None:
        self.dataset = dataset

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, place: tuple[int, int]) -> Any:
        epoch, index = place
        self.dataset.set_epoch(epoch)
        return self.dataset[index]
