"""A stylizer on pictures and paintings that no training saw, beside the untouched picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor
from torch.utils.data import Subset
from tqdm import tqdm

from lab.data.photos import Photos
from lab.metrics.speed import measure
from lab.metrics.style import content_distance, describe, style_distance
from lab.models.vgg import VGGEncoder
from lab.pipelines.transfer import TransferPipeline
from lab.scoring.report import Report, Scores
from lab.scoring.sheet import Line, Sheet
from training.config import TransferConfig

SIDE = 512
STEP = 7  # through the styles: neighbours in a folder are often of one painter


class HeldOutPairs(Sequence):
    """Contents with styles, the last pictures of either folder, which training leaves out.

    Item i is (content, style), each (3, 512, 512): every content once, then all again with
    another style.

    Args:
        contents, styles: folders of pictures. pairs: how many at most.
    """

    def __init__(self, contents: Path, styles: Path, *, pairs: int) -> None:
        self.contents, self.styles = held_out(contents), held_out(styles)
        self.pairs = min(pairs, len(self.contents) * len(self.styles))

    def __len__(self) -> int:
        return self.pairs

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        index = range(self.pairs)[index]
        lap, content = divmod(index, len(self.contents))
        return self.contents[content], self.styles[(STEP * content + lap) % len(self.styles)]


def held_out(folder: Path) -> Subset[Tensor]:
    """The last `TransferConfig.hold_out` pictures by name, centre crops."""
    photos = Photos(folder, size=SIDE, crop=SIDE, centre=True)
    return Subset(photos, range(len(photos))[-TransferConfig.hold_out :])


def evaluate_transfer(
    pipeline: TransferPipeline,
    pairs: Sequence[tuple[Tensor, Tensor]],
    vgg: VGGEncoder,
    *,
    sheet: Sheet | None = None,
) -> Report:
    """Style and content distance of the result, of the untouched content, of the reconstruction.

    Args:
        pairs: (content, style), (3, H, W) each. vgg: on the pipeline's device.
        sheet: shows every pair; the caller finishes it.
    Raises:
        ValueError: `vgg` is a compressed stand-in.
    """
    if vgg.config.divisor != 1:
        raise ValueError(
            f"These VGG weights are a compressed stand-in (1/{vgg.config.divisor} of the width); "
            "the distances are defined with VGG-19 itself: give its weights."
        )
    scores = Scores()
    for index, pair in enumerate(tqdm(pairs, desc="pairs", mininterval=5)):
        content, style = (picture[None].to(pipeline.device) for picture in pair)
        wanted, kept = describe(vgg, style), describe(vgg, content)
        result = pipeline(content, style)
        rebuilt = pipeline(content, style, strength=0.0)
        pictures = {
            "result": result,
            "content picture itself": content,
            "reconstruction (strength 0)": rebuilt,
        }
        for row, picture in pictures.items():
            features = kept if picture is content else describe(vgg, picture)
            scores.add(
                row,
                style_distance=style_distance(vgg, features, wanted),
                content_distance=content_distance(vgg, features, kept),
            )
        if sheet is not None:
            shown = {"content": content, "style": _as_large(style, content), "result": result}
            sheet.add(Line(f"pair {index + 1}", shown, {}))
    rows = scores.means()
    speed = measure(lambda: pipeline(content, style), device=pipeline.device, runs=7, warmup=1)
    rows["result"]["seconds"] = speed.median
    threads = f" with {torch.get_num_threads()} threads" if pipeline.device.type == "cpu" else ""
    protocol = {
        "pictures": len(pairs),
        "size": f"{content.shape[-1]}x{content.shape[-2]}",
        "style_distance": "mean over relu1_1, relu2_1, relu3_1 of VGG-19 and the sizes 1, 1/2, 1/4 "
        "of the Gram matrices' squared difference / the style's own Gram energy",
        "content_distance": "mean squared difference of VGG-19's relu3_1, every channel with mean "
        "0 and deviation 1",
        "seconds": f"median for a content and its style, {pipeline.device.type}{threads}",
    }
    return Report("Transfer", protocol, rows)


def _as_large(picture: Tensor, other: Tensor) -> Tensor:
    """`picture` at the size of `other`, for the sheet."""
    return torch.nn.functional.interpolate(picture, other.shape[-2:], mode="area")
