"""A small video for tests of what videos are scored by."""

from fractions import Fraction
from pathlib import Path

import torch
import torch.nn.functional as F

from lab.videos.reading import Frame, Video
from lab.videos.writing import write_video


def save_video(path: Path, *, frames: int = 12) -> None:
    """64x48: a soft picture that moves a pixel a frame."""
    generator = torch.Generator().manual_seed(0)
    scene = torch.rand(1, 3, 8, 12, generator=generator)
    scene = F.interpolate(scene, (64, 96), mode="bicubic").clamp(0, 1)
    rate = Fraction(25)
    like = Video(path, (64, 48), rate, None, sound=False, pixel_aspect=Fraction(1))
    with write_video(path, like=like) as writer:
        for k in range(frames):
            writer.write(Frame(scene[..., 8:56, 8 + k : 72 + k], k / rate))
