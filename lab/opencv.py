"""OpenCV where it is installed: nothing else of the lab stops without it."""

from __future__ import annotations

from types import ModuleType


def opencv(purpose: str) -> ModuleType:
    """The module cv2, imported when something is first done with it.

    Args:
        purpose: what it is for, as an error sentence begins ("Optical flow").
    Raises:
        ValueError: OpenCV is not installed.
    """
    try:
        import cv2
    except ImportError:
        raise ValueError(
            f"{purpose} needs OpenCV; install it: pip install opencv-python-headless"
        ) from None
    return cv2
