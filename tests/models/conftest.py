import pytest
import torch


@pytest.fixture(autouse=True)
def one_thread(seed: int) -> None:
    """Networks this small are slower on several."""
    torch.set_num_threads(1)
