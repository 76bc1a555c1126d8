"""Streets to begin with: some of the test split that show much, as ids alone."""

from functools import lru_cache

from lab.data.town.dataset import Town
from lab.data.town.render import Ids, layout

PRESETS = (2, 10, 5, 14, 4, 18, 12, 23)  # their numbers in the test split


@lru_cache(maxsize=32)
def preset(number: int, size: tuple[int, int]) -> Ids:
    """The ids of street `number` of the test split at `size` (width, height).

    Raises:
        IndexError: the number is below 0 or beyond the last preset.
        ValueError: a side outside 16..4096.
    """
    streets = Town(split="test", size=size, length=max(PRESETS) + 1)
    return layout(streets.scene_seed(number), size)
