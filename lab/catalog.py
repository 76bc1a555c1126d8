"""Every method, dataset and metric the lab can name: one line each.

An entry is a string "module:Name"; it is imported when it is first asked for, so listing the
names costs nothing and a method that cannot be imported here does not stop the others.
"""

import pkgutil
from collections.abc import Iterator, Mapping
from typing import Any


class Catalog(Mapping[str, Any]):
    """Names in menu order, each resolved to the object it stands for when it is indexed.

    Args:
        kind: What an entry is, in the singular; used in error sentences ("stylizer").
        entries: Name -> "module:Name".

    Example:
        >>> STYLIZERS["linear-fast"]
        <class 'lab.pipelines.linear.LinearTransfer'>
    """

    def __init__(self, kind: str, entries: Mapping[str, str]) -> None:
        self.kind = kind
        self.entries = dict(entries)

    def __getitem__(self, name: str) -> Any:
        """The object called `name`. Raises KeyError with the known names."""
        if name not in self.entries:
            known = ", ".join(self.entries) or "none"
            raise KeyError(f"No {self.kind} is called {name!r}. Known: {known}.")
        return pkgutil.resolve_name(self.entries[name])

    def __contains__(self, name: object) -> bool:
        return name in self.entries  # Mapping's own would import the entry to find out

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def __repr__(self) -> str:
        return f"Catalog({self.kind!r}, {list(self.entries)})"


SYNTHESIZERS = Catalog(
    "synthesizer",
    {
        "pix2pixhd": "lab.pipelines.synthesis:SynthesisPipeline",
        "pix2pix": "lab.baselines.pix2pix:Pix2Pix",
        "crn": "lab.baselines.crn:CRN",
        "palette": "lab.baselines.palette:Palette",
    },
)

STYLIZERS = Catalog(
    "stylizer",
    {
        "linear": "lab.pipelines.linear:LinearTransfer",
        "linear-fast": "lab.pipelines.linear:LinearTransfer",
        "adain": "lab.baselines.adain:AdaIN",
        "wct": "lab.baselines.wct:WCT",
        "gatys": "lab.baselines.gatys:Gatys",
    },
)

JUDGES = Catalog(
    "judge",
    {
        "segmenter": "lab.pipelines.segmentation:SegmentationPipeline",
    },
)

DATASETS = Catalog(
    "dataset",
    {
        "streets": "lab.data.streets:Streets",
        "faces": "lab.data.faces:Faces",
        "indoor": "lab.data.indoor:Indoor",
        "cityscapes": "lab.data.cityscapes:Cityscapes",
        "ade20k": "lab.data.ade20k:ADE20K",
        "town": "lab.data.town:Town",
        "rooms": "lab.data.rooms:Rooms",
    },
)

# Each measures a drawing against its photograph: two pictures (1, 3, H, W) in [0, 1] → a number, a
# column of every score of synthesis. What needs a judge, a network or a set is in `lab.scoring`.
METRICS = Catalog(
    "metric",
    {
        "psnr": "lab.metrics.similarity:psnr",
        "ssim": "lab.metrics.similarity:ssim",
    },
)
