"""A lab for two ideas about pictures: synthesis from label maps, and style by a learned matrix.

Synthesis is pix2pixHD (Wang et al. 2018): a label map with instances becomes a photograph, and the
look of every object is a choice. Transfer is linear style transfer (Li et al. 2019): one learned
matrix carries the style of any picture over to any photograph.

`lab.load("streets")` gives one trained method, `lab.Lab()` all of them on one device.
"""

from typing import Any

__all__ = ["Lab", "load"]


def __getattr__(name: str) -> Any:
    # Looked up when asked for, so that `lab.data` or `lab.models` can be imported alone.
    if name == "Lab":
        from lab.lab import Lab

        return Lab
    if name == "load":
        from lab.checkpoint import load

        return load
    raise AttributeError(f"module 'lab' has no attribute {name!r}")
