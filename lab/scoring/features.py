"""The networks that distances between pictures, and between sets of pictures, are measured with.

A distance is named by its network, since those of different networks do not compare; "FID" is the
Fréchet distance of Inception's features and of no others.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from lab.images import to_pil, to_tensor
from lab.metrics.mobilenet import MobileNetFeatures
from lab.pipelines.segmentation import Reading, SegmentationPipeline

Look = Callable[[Tensor, Reading | None], Mapping[str, Tensor]]
FIDELITY = "https://github.com/toshas/torch-fidelity"


@dataclass(frozen=True)
class FeatureNetwork:
    """A network by the name of its columns.

    look: a picture (1, 3, H, W) in [0, 1] and the judge's reading of it, which the judge's own
    network alone asks for → "pooled" (1, D) and, if the network has features with places, layers
    (1, c, h, w). digest: of its weights.
    """

    name: str
    description: str
    digest: str
    look: Look

    @property
    def kid(self) -> str:
        """The column of the kernel distance of sets."""
        return "kid" if self.name == "inception" else f"kid_{self.name}"

    @property
    def frechet(self) -> str:
        """The column of the Fréchet distance of sets."""
        return "fid" if self.name == "inception" else f"frechet_{self.name}"


def open_networks(
    asked: Sequence[str], judge: SegmentationPipeline | None, device: torch.device
) -> list[FeatureNetwork]:
    """The networks asked for by "name" or "name=FILE", each once.

    judge: None where nothing is read back and the judge's own network is not asked for.

    Raises:
        ValueError: an unknown name, a file that is missing or not wanted, a package that is not
            installed, weights that are none.
        FileNotFoundError, OSError: no such file; weights that cannot be downloaded.
    """
    found = {}
    for entry in asked:
        name, _, file = entry.partition("=")
        if name not in NETWORKS:
            known = ", ".join(NETWORKS)
            raise ValueError(f"No feature network is called {name!r}; known are: {known}.")
        found[name] = NETWORKS[name](Path(file) if file else None, judge, device)
    return list(found.values())


def open_pair_networks(asked: Sequence[str], device: torch.device) -> list[FeatureNetwork]:
    """Those that tell two pictures apart, of any subject. Raises like `open_networks`."""
    for entry in asked:
        name = entry.partition("=")[0]
        if name not in PAIRWISE:
            known = ", ".join(PAIRWISE)
            raise ValueError(f"{name!r} is no network for pairs of pictures; known are: {known}.")
    return open_networks(asked, None, device)


def judge_network(
    weights: Path | None, judge: SegmentationPipeline | None, device: torch.device
) -> FeatureNetwork:
    """The judge's own features: trained on the domain's photographs, never part of a loss."""
    if weights is not None:
        raise ValueError("The judge is a checkpoint and takes no file; write judge without '='.")
    description = (
        "the judge's own: its encoder's deepest features and those before the classes, pooled, for "
        "sets; its encoder's features at every size for pairs"
    )
    return FeatureNetwork(
        "judge",
        description,
        judge.digest,
        lambda picture, reading: {"pooled": reading.pooled, **reading.features},
    )


def mobilenet_network(
    weights: Path | None, judge: SegmentationPipeline | None, device: torch.device
) -> FeatureNetwork:
    """MobileNet v2 of a file; see `MobileNetFeatures`."""
    if weights is None:
        raise ValueError("The network mobilenet needs its weights; write mobilenet=FILE.")
    network = MobileNetFeatures.from_file(weights).to(device, memory_format=torch.channels_last)
    description = (
        "MobileNet v2 (ImageNet; nothing was trained against it): the last features, pooled, for "
        "sets; features at strides 2 to 32 for pairs"
    )
    return FeatureNetwork(
        "mobilenet",
        description,
        file_digest(weights),
        lambda picture, _: network(picture.contiguous(memory_format=torch.channels_last)),
    )


def inception_network(
    weights: Path | None, judge: SegmentationPipeline | None, device: torch.device
) -> FeatureNetwork:
    """Inception v3 as FID means it (2015-12-05), by torch-fidelity; downloaded without a file."""
    try:
        import torch_fidelity
        from torch_fidelity import feature_extractor_inceptionv3 as inception
    except ImportError as error:
        raise ValueError(
            "The network inception needs the package torch-fidelity (pip install torch-fidelity); "
            "use judge or mobilenet=FILE without it."
        ) from error
    if weights is not None:
        _check_pickle(weights)
    try:
        network = inception.FeatureExtractorInceptionV3(
            "inception-v3-compat",
            ["2048"],
            feature_extractor_weights_path=None if weights is None else str(weights),
        ).to(device)
    except OSError as error:
        raise OSError(
            f"The weights of Inception cannot be downloaded ({error}); get "
            f"{inception.URL_INCEPTION_V3} elsewhere and write inception=FILE."
        ) from error
    except (RuntimeError, TypeError) as error:
        raise ValueError(f"{weights} holds no weights of FID's Inception v3.") from error
    kept = Path(torch.hub.get_dir()) / "checkpoints" / Path(inception.URL_INCEPTION_V3).name
    description = (
        f"Inception v3 of 2015-12-05, 2048 pooled features, pictures enlarged to 299x299 as in "
        f"TensorFlow 1; torch-fidelity {torch_fidelity.__version__} ({FIDELITY})"
    )

    def look(picture: Tensor, reading: Reading | None) -> Mapping[str, Tensor]:
        return {"pooled": network((picture * 255).round().byte())[0]}

    return FeatureNetwork("inception", description, file_digest(weights or kept), look)


NETWORKS: Mapping[
    str, Callable[[Path | None, SegmentationPipeline | None, torch.device], FeatureNetwork]
] = {
    "judge": judge_network,
    "mobilenet": mobilenet_network,
    "inception": inception_network,
}
PAIRWISE = ("mobilenet",)  # with features of places, and of no domain


def file_digest(path: Path) -> str:
    """The SHA-256 of a file's bytes."""
    with open(path, "rb") as file:
        digest = hashlib.sha256()
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def as_stored(picture: Tensor) -> tuple[Tensor, str]:
    """A picture (1, 3, H, W) as a PNG holds it, 8 bits, and the SHA-256 of its (H, W, 3) bytes."""
    image = to_pil(picture)
    return to_tensor(image), hashlib.sha256(np.asarray(image).tobytes()).hexdigest()


def _check_pickle(path: Path) -> None:
    """Tensors only: the package itself would run whatever code the file holds."""
    if not path.is_file():
        raise FileNotFoundError(f"No Inception weights at {path}; name an existing file.")
    try:
        torch.load(path, map_location="cpu", weights_only=True, mmap=False)
    except (pickle.UnpicklingError, RuntimeError, EOFError) as error:
        raise ValueError(f"{path} holds no plain weights; expected torch's format.") from error
