"""Measures how fast every installed checkpoint is here, and against what the machine could do."""

import argparse
import copy
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from lab.catalog import STYLIZERS, SYNTHESIZERS
from lab.cli.arguments import require_writable
from lab.data.labels import LabelSpace
from lab.files import write_json
from lab.interfaces import Layout, Stylizer, Synthesizer
from lab.lab import Lab
from lab.metrics.speed import Run, ceilings, measure, multiply_adds
from lab.models.linear_transfer import LinearTransform, channel_mean
from lab.pipelines.linear import LinearTransfer
from lab.pipelines.synthesis import SynthesisPipeline
from lab.pipelines.transfer import FeatureTransfer

SYNTHESIS_SIZES = ((512, 256), (1024, 512))
TRANSFER_SIDES = (256, 512, 1024)
RUNS, QUICK_RUNS = 20, 5
COLUMNS = (
    ("checkpoint", 14, "{checkpoint}"),
    ("case", 22, "{case}"),
    ("size", 10, "{size[0]}x{size[1]}"),
    ("median ms", 10, "{median_ms:.1f}"),
    ("p95 ms", 10, "{p95_ms:.1f}"),
    ("peak MiB", 9, "{peak_mib}"),
    ("GMAC", 9, "{gmac:.2f}"),
    ("GMAC/s", 9, "{gmac_per_s:.0f}"),
    ("of fp32", 8, "{share:.0%}"),
    ("vs plain", 9, "{speed_up}"),
)


@dataclass(frozen=True)
class Case:
    """One row: what is timed, and the same network without any of the pipeline's measures."""

    checkpoint: str
    case: str
    size: tuple[int, int]
    run: Run
    plain: Run | None = None


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("--quick", action="store_true", help="the smallest sizes, fewer runs")
    parser.add_argument("--out", required=True, type=Path, metavar="JSON")


def run(lab: Lab, options: argparse.Namespace) -> None:
    """Measures every case, prints a table row for each, writes all as JSON."""
    require_writable(options.out, "--out", [".json"])
    if not lab.cards():
        raise FileNotFoundError(f"No checkpoint in {lab.checkpoints}; there is nothing to measure.")
    runs = QUICK_RUNS if options.quick else RUNS
    top = ceilings(lab.device, runs=runs)
    print("ceiling: " + ", ".join(f"{name} {v / 1e9:.0f} GMAC/s" for name, v in top.items()))
    print(" ".join(title.rjust(width) for title, width, _ in COLUMNS), flush=True)
    rows = []
    for case in cases(lab, quick=options.quick):
        rows.append(measured(case, lab.device, ceiling=top, runs=runs))
        print(table_row(rows[-1]), flush=True)
    write_json(options.out, {"machine": machine(lab.device), "ceilings": top, "rows": rows})


def cases(lab: Lab, *, quick: bool) -> Iterator[Case]:
    """The cases of every installed checkpoint, loaded as they are reached."""
    for card in lab.cards():
        if card.method in SYNTHESIZERS:
            sizes = (card.native_size, *(() if quick else SYNTHESIS_SIZES))
            for size in dict.fromkeys(sizes):
                yield synthesis_case(card.name, lab.synthesizer(card.name), size, lab.device)
        elif card.method in STYLIZERS:
            for side in TRANSFER_SIDES[:1] if quick else TRANSFER_SIDES:
                yield from transfer_cases(card.name, lab.stylizer(card.name), side, lab.device)


def synthesis_case(
    name: str, pipeline: Synthesizer, size: tuple[int, int], device: torch.device
) -> Case:
    """A layout of 32 objects at `size`."""
    layout = chequered(size, pipeline.space).to(device)
    plain = None
    if isinstance(pipeline, SynthesisPipeline):
        generator = _plain(pipeline.drawer(layout))

        @torch.inference_mode()
        def plain() -> Tensor:
            return generator(pipeline.condition(layout, seed=0).contiguous())

    return Case(name, "synthesis", size, lambda: pipeline(layout, seed=0), plain)


def transfer_cases(
    name: str, stylizer: Stylizer, side: int, device: torch.device
) -> Iterator[Case]:
    """Noise in the style of noise, `side` pixels square: with the style read anew, and kept."""
    generator = torch.Generator().manual_seed(0)
    content, style = torch.rand(2, 1, 3, side, side, generator=generator).to(device)
    size = (side, side)
    if not isinstance(stylizer, FeatureTransfer):
        yield Case(name, "transfer", size, lambda: stylizer(content, style))
        return
    kept = stylizer.encode_style(style)
    plain = plain_kept = None
    if isinstance(stylizer, LinearTransfer):
        plain, plain_kept = _published(stylizer, content, style)
    yield Case(name, "transfer", size, lambda: stylizer(content, style), plain)
    yield Case(
        name,
        "transfer, style kept",
        size,
        lambda: stylizer.stylize(content, [kept], [1.0]),
        plain_kept,
    )


def _published(stylizer: LinearTransfer, content: Tensor, style: Tensor) -> tuple[Run, Run]:
    """The paper's own order of work, not folded, contiguous: with the style read anew, and kept."""
    (level,) = stylizer.levels
    encoder, decoder = _plain(level.encoder), _plain(level.decoder)
    transform: LinearTransform = _plain(level.mapper.transform)
    with torch.inference_mode():
        features = encoder(style)
        kept, mean = transform.style_matrix(features), channel_mean(features)

    @torch.inference_mode()
    def plain() -> Tensor:
        return decoder(transform(encoder(content), encoder(style)))

    @torch.inference_mode()
    def plain_kept() -> Tensor:
        features = encoder(content)
        matrix = kept @ transform.content_matrix(features)
        return decoder(transform.transform(features, mean, matrix))

    return plain, plain_kept


def measured(
    case: Case, device: torch.device, *, ceiling: dict[str, float], runs: int
) -> dict[str, Any]:
    """The row of a case: milliseconds, MiB, GMAC, shares of the ceilings, speed against plain."""
    speed = measure(case.run, device=device, runs=runs)
    macs = multiply_adds(case.run)
    plain = None if case.plain is None else measure(case.plain, device=device, runs=runs).median
    return {
        "checkpoint": case.checkpoint,
        "case": case.case,
        "size": list(case.size),
        "runs": speed.runs,
        "median_ms": speed.median * 1e3,
        "p95_ms": speed.p95 * 1e3,
        "peak_bytes": speed.peak_bytes,
        "gmac": macs / 1e9,
        "gmac_per_s": macs / speed.median / 1e9,
        "share_of_ceiling": {name: macs / speed.median / top for name, top in ceiling.items()},
        "plain_ms": None if plain is None else plain * 1e3,
        "speed_up": None if plain is None else plain / speed.median,
    }


def table_row(row: dict[str, Any]) -> str:
    """A row of `measured` as one aligned line."""
    peak, speed_up = row["peak_bytes"], row["speed_up"]
    shown = {
        **row,
        "peak_mib": "-" if peak is None else f"{peak / 2**20:.0f}",
        "share": row["share_of_ceiling"]["float32"],
        "speed_up": "-" if speed_up is None else f"{speed_up:.2f}x",
    }
    return " ".join(template.format(**shown).rjust(width) for _, width, template in COLUMNS)


def machine(device: torch.device) -> dict[str, Any]:
    """What the numbers were measured on."""
    cuda = device.type == "cuda"
    return {
        "device": str(device),
        "name": torch.cuda.get_device_name(device) if cuda else platform.processor(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
        "tf32_convolutions": cuda and torch.backends.cudnn.allow_tf32,
        "torch": torch.__version__,
        "python": platform.python_version(),
    }


def chequered(size: tuple[int, int], space: LabelSpace) -> Layout:
    """8 by 4 rectangles, the classes in turn, each an object: (1, H, W)."""
    width, height = size
    rows = torch.arange(height)[:, None] * 4 // height
    columns = torch.arange(width)[None] * 8 // width
    cells = (rows * 8 + columns)[None]
    return Layout(cells % len(space), cells, space)


def _plain(network: nn.Module) -> nn.Module:
    return copy.deepcopy(network).to(memory_format=torch.contiguous_format).float()
