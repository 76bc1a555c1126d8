"""The one door to trained weights: `load` a method by its checkpoint's name, `save` a new one.

A checkpoint is a folder: `card.json` (what it is, see `lab.card`), one or more
`<part>.safetensors` per part (half precision on disk where not told otherwise, float32 in memory)
and `history.jsonl`.
Loading is strict, never runs code from the files and never falls back to random weights.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor, nn

from lab.card import (
    CARD,
    CHECKPOINTS,
    Card,
    find,
    how_to_make,
    list_cards,
    parse_card,
    read_card,
    remedy,
)
from lab.catalog import JUDGES, STYLIZERS, SYNTHESIZERS

__all__ = [
    "CHECKPOINTS",
    "Card",
    "build_part",
    "choose_device",
    "find",
    "how_to_make",
    "list_cards",
    "load",
    "read_card",
    "read_part",
    "save",
]

SHARD_BYTES = 16 * 2**20
# What networks raise when a card's settings are of another type or size, or its weights are.
UNFIT = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)


class Damaged(ValueError):
    """A weight file is not what its card says; the sentence names the file and how to make it."""


def default_device() -> torch.device:
    """CUDA where there is one, else the processor."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def choose_device(device: torch.device | str | None = None) -> torch.device:
    """`device` as a torch.device that exists here; None takes CUDA where there is one.

    Raises:
        ValueError: No such device, with the ones there are.
    """
    if device is None:
        return default_device()
    known = ["cpu", *(f"cuda:{i}" for i in range(torch.cuda.device_count()))]
    try:
        chosen = torch.device(device)
    except RuntimeError:
        chosen = None
    if chosen is None or (str(chosen) not in known and not (str(chosen) == "cuda" and known[1:])):
        raise ValueError(f"No device {str(device)!r} here; choose one of: {', '.join(known)}.")
    return chosen


def load(name: str, *, device: torch.device | str | None = None, root: Path = CHECKPOINTS) -> Any:
    """The method of checkpoint `name`, its weights in place, on `device` (None: CUDA if there).

    Raises:
        FileNotFoundError: The folder, its card or a weight file is missing.
        ValueError: There is no such device, the card is malformed or another's, its method is
            unknown, or its settings or files are not what the method or the card says.
    """
    device = choose_device(device)
    folder = find(name, root)
    card = read_card(folder)
    if card.name != name:
        raise ValueError(
            f"{folder / CARD} is the card of {card.name!r}; a folder is called as its card: rename "
            "one of the two."
        )
    catalogs = (SYNTHESIZERS, STYLIZERS, JUDGES)
    catalog = next((c for c in catalogs if card.method in c), None)
    if catalog is None:
        known = ", ".join(name for c in catalogs for name in c)
        raise ValueError(f"{folder / CARD} names the method {card.method!r}; known are: {known}.")
    method = catalog[card.method]
    try:
        return method.from_checkpoint(folder, card, device)
    except (Damaged, torch.OutOfMemoryError):
        raise
    except UNFIT as error:
        # Of KeyErrors, str would be the sentence in quotes.
        reason = " ".join(" ".join(map(str, error.args)).split())[:200].removesuffix(".")
        raise ValueError(
            f"{folder} does not fit the method {card.method!r} ({reason})"
            f"{remedy(card, 'make it again')}"
        ) from error


def read_part(folder: Path, card: Card, part: str) -> dict[str, Tensor]:
    """The weights of one part: name -> tensor on the CPU, floating ones as float32.

    The bytes that are hashed are the bytes that are used: files are read once.

    Raises:
        KeyError: The card has no such part.
        FileNotFoundError: A file of the part is missing.
        Damaged: The files' sha256 is not the card's, or a file is not safetensors.
    """
    entry = card.part(part)
    again = remedy(card, "make it again")
    digest, tensors = hashlib.sha256(), {}
    blobs = []
    for name in entry["files"]:
        path = Path(folder) / name
        if not path.is_file():
            raise FileNotFoundError(f"{path} is missing although its card lists it{again}")
        blobs.append((path, path.read_bytes()))
        digest.update(blobs[-1][1])
    if digest.hexdigest() != entry["sha256"]:
        files = ", ".join(str(path) for path, _ in blobs)
        raise Damaged(
            f"{files} has sha256 {digest.hexdigest()[:16]}…, its card says "
            f"{entry['sha256'][:16]}…: damaged or of another run{again}"
        )
    for path, blob in blobs:
        try:
            tensors.update(safetensors.torch.load(blob))
        except SafetensorError as error:
            raise Damaged(f"{path} is not a safetensors file ({error}){again}") from error
    return {k: v.float() if v.is_floating_point() else v for k, v in tensors.items()}


def build_part(
    folder: Path,
    card: Card,
    part: str,
    *,
    network: Callable[[Any], nn.Module],
    config: Callable[..., Any],
    device: torch.device,
) -> Any:
    """The network of one part, for use: built from the card's settings, strictly filled, frozen.

    Args:
        network: What builds the module from its config. config: What builds the config from the
            settings of the card, whose lists are tuples there.
    Raises:
        KeyError, FileNotFoundError, Damaged: As `read_part`.
        UNFIT: Settings or weights that do not fit the network.
    """
    settings = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in card.config(part).items()
    }
    module = network(config(**settings))
    module.load_state_dict(read_part(folder, card, part))
    module.eval().requires_grad_(False)
    return module.to(device, memory_format=torch.channels_last)


def save(
    folder: Path,
    card: Mapping[str, Any],
    parts: Mapping[str, nn.Module],
    configs: Mapping[str, Mapping[str, Any]],
    *,
    half: bool = True,
) -> Card:
    """Writes a checkpoint that `load` reads back and returns its card.

    Files are written beside `folder` first and then moved in one by one, the card last: an
    interrupted save leaves the old checkpoint or one whose digest no longer fits, never one that
    loads wrongly. Other files in `folder` (history.jsonl) stay.

    Args:
        folder: `checkpoints/<name>`; made if needed.
        card: The fields of the card but "parts": at least name, method and native_size.
        parts: Part name -> module whose state is stored.
        configs: Part name -> the settings that build that module; JSON values only.
        half: Store floating tensors as float16, else as float32, twice as large and exact.

    Raises:
        ValueError: Parts and configs differ, a weight does not fit float16, or the card lacks a
            field.
    """
    folder = Path(folder)
    if set(parts) != set(configs):
        raise ValueError(
            f"Every part needs its config: parts {sorted(parts)}, configs {sorted(configs)}."
        )
    raw = {**card, "parts": {}}
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, module in parts.items():
            raw["parts"][name] = {
                "config": dict(configs[name]),
                **_write_part(scratch, name, module, half=half),
            }
        text = json.dumps(raw, indent=2, ensure_ascii=False) + "\n"
        parsed = parse_card(json.loads(text), folder / CARD)
        (scratch / CARD).write_text(text, encoding="utf-8")
        _move(scratch, folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return parsed


def _write_part(folder: Path, name: str, module: nn.Module, *, half: bool) -> dict[str, Any]:
    """Writes the shards of one part; returns its card entry but the config."""
    shards: list[dict[str, Tensor]] = [{}]
    filled = 0
    for key, value in module.state_dict().items():
        stored = _for_disk(f"{name}.{key}", value, half=half)
        size = stored.numel() * stored.element_size()
        # A single tensor larger than the limit is not cut: it gets a shard of its own.
        if shards[-1] and filled + size > SHARD_BYTES:
            shards.append({})
            filled = 0
        shards[-1][key] = stored
        filled += size
    digest, files = hashlib.sha256(), []
    for i, shard in enumerate(shards, start=1):
        suffix = f"-{i:05d}-of-{len(shards):05d}" if len(shards) > 1 else ""
        files.append(f"{name}{suffix}.safetensors")
        blob = safetensors.torch.save(shard)
        digest.update(blob)
        (folder / files[-1]).write_bytes(blob)
    parameters = sum(p.numel() for p in module.parameters())
    return {"files": files, "sha256": digest.hexdigest(), "parameters": parameters}


def _for_disk(name: str, value: Tensor, *, half: bool) -> Tensor:
    value = value.detach().cpu()
    if not value.is_floating_point():
        return value.clone(memory_format=torch.contiguous_format)
    kind = torch.float16 if half else torch.float32
    stored = value.to(kind, copy=True).contiguous()
    if half and not stored.isfinite().all():
        largest = value.abs().max().item()
        raise ValueError(
            f"{name} holds values float16 cannot store (largest {largest:g}, limit 65504); "
            "the run has diverged or the layer needs rescaling."
        )
    return stored


def _move(scratch: Path, folder: Path) -> None:
    """Puts the written files into `folder`, the card last, and drops weights no card lists."""
    folder.mkdir(parents=True, exist_ok=True)
    names = sorted((p.name for p in scratch.iterdir()), key=lambda name: (name == CARD, name))
    for name in names:
        os.replace(scratch / name, folder / name)
    for old in folder.glob("*.safetensors"):
        if old.name not in names:
            old.unlink()
