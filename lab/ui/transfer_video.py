"""Videos in the chosen styles: drawn frame by frame, held steady, measured where asked."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, get_args

import gradio as gr
from torch import Tensor

from lab.interfaces import Progress
from lab.lab import Lab
from lab.metrics.temporal import TemporalMeter
from lab.pipelines.controls import draw, encode_styles
from lab.pipelines.transfer import Settle
from lab.pipelines.video import STEADY, Drawn, Steady, VideoSummary, draw_video
from lab.recipes import transfer_recipe
from lab.ui.components import note, status
from lab.ui.domains import card_of
from lab.ui.explain import explain
from lab.ui.store import keep_file, name_of
from lab.ui.transfer_choices import Choices
from lab.ui.transfer_handlers import opened_styles, stylizer_of
from lab.ui.work import Work
from lab.videos.reading import Video, file_digest, open_video, read_frames

MOST_FRAMES = 1800  # a minute of 30 frames a second: what one visitor may keep the device for
MOST_PIXELS = 4_000_000  # of a frame
HELD = {
    "carried": "averaged matrix, pixels carried along the motion",
    "smooth": "matrix averaged over half a second",
    "frozen": "matrix kept for a whole shot",
    "free": "each frame its own",
}
EXPLAINED = """
The matrix follows the statistics of each frame, and a picture flickers as its matrix does. So maps
are **averaged** over time (begun anew with every shot), **kept** from a shot's first frame, or left
**free**, as published. Texture still shimmers when the camera moves, unless what was drawn before
is **carried** along the motion and mixed in wherever it is found again. Styles, strength, colour
and the longer side are those above; the sound stays.
"""


@dataclass(frozen=True)
class VideoPanel:
    """The components of the panel."""

    video: gr.Video
    steady: gr.Radio
    temporal: gr.Checkbox
    go: gr.Button
    cancel: gr.Button
    result: gr.Video
    line: gr.HTML
    table: gr.Markdown
    save: gr.DownloadButton


def panel() -> VideoPanel:
    """Lays the panel out."""
    choices = [(f"{name}: {said}", name) for name, said in HELD.items()]
    assert set(HELD) == set(get_args(Steady))
    note(EXPLAINED)
    with gr.Row(elem_classes="sides"):
        with gr.Column(min_width=300):
            video = gr.Video(label="Video", sources=["upload"], height=260, elem_id="video")
            steady = gr.Radio(choices, value=STEADY, label="How it is held steady")
            temporal = gr.Checkbox(
                label="Also measure how much the result flickers, beside the video's own floor"
            )
            with gr.Row(elem_classes="actions"):
                go = gr.Button("Draw the video", variant="primary", min_width=140)
                cancel = gr.Button("Cancel", min_width=90, elem_id="video-cancel")
        with gr.Column(min_width=300):
            result = gr.Video(label="Result", interactive=False, height=260, elem_id="video-result")
            line = gr.HTML(status("Add a video, then draw it."), elem_id="video-status")
            table = gr.Markdown(elem_classes="wide")
            save = gr.DownloadButton("Save MP4", interactive=False, elem_id="video-save")
    return VideoPanel(video, steady, temporal, go, cancel, result, line, table, save)


@dataclass(frozen=True)
class Made:
    """A drawn video: its file, what there is to say of it, its recipe."""

    path: str
    summary: VideoSummary
    temporal: list[dict[str, Any]]
    recipe: dict[str, Any]


@dataclass(frozen=True)
class Film:
    """What is drawn: a file, how it is held steady, and whether its flicker is measured."""

    path: str
    steady: Steady = STEADY
    temporal: bool = False


def make(
    lab: Lab, film: Film, choices: Choices, styles: Sequence[str | None]
) -> Callable[[Progress], Made]:
    """Checks what was asked, and returns what draws it.

    Raises:
        ValueError: no video, one that is too long or too large; no style; a method that draws none.
    """
    stylizer = stylizer_of(lab, choices)
    slots, pictures = opened_styles(lab, choices, styles)
    controls = choices.controls(lab, slots)
    video = _checked(open_video(film.path))
    width, height = video.fitted(choices.size)
    masks = choices.masks(slots, (height, width))
    digests = [each.digest for each in pictures]
    recipe = {
        **transfer_recipe(card_of(lab, choices.method), digests, controls, masks=masks),
        "content": file_digest(film.path),
        "size": [width, height],
        "steady": film.steady,
    }

    def draw_it(progress: Progress) -> Made:
        with closing(read_frames(video, longest=choices.size)) as frames:
            first = next(frames).picture.to(lab.device)
        looks = [each.picture.to(lab.device) for each in pictures]
        counting = [each.mask for each in pictures]
        encoded = encode_styles(stylizer, looks, controls, content=first, masks=counting)

        numbers = itertools.count(1)

        def frame(picture: Tensor, settle: Settle) -> Tensor:
            if next(numbers) > MOST_FRAMES:
                raise ValueError(_too_much(video))
            how = {"masks": masks, "settle": settle}
            return draw(stylizer, picture.to(lab.device), encoded, controls, **how)

        meter, watch = _watching(film.temporal)
        how = {"steady": film.steady, "longest": choices.size, "recipe": recipe, "watch": watch}
        made: list[VideoSummary] = []

        def write(target: Path) -> None:
            made.append(draw_video(video, target, frame, progress=progress, **how))

        # Anew each time: what was measured on the way is in no file.
        path = keep_file(name_of(recipe, ".mp4"), write, anew=True)
        return Made(path, made[0], [asdict(error) for error in meter.errors()], recipe)

    return draw_it


@explain
def show(lab: Lab, film: Film, choices: Choices, styles: Sequence[str | None]) -> Iterator[tuple]:
    """A line for every frame, then video, line, table and file to save."""
    if not film.path:
        raise ValueError("There is no video yet; add one.")
    work = Work(make(lab, film, choices, styles))
    # Until the new one is whole, what was drawn before is there: to be seen and to be saved.
    yield gr.skip(), status("Reading the styles …"), gr.skip(), gr.skip()
    for share in work:
        yield gr.skip(), status(f"{share:.0%} drawn"), gr.skip(), gr.skip()
    made = work.result
    save = gr.update(value=made.path, interactive=True)
    yield made.path, status(said(made)), temporal_table(made.temporal), save


def said(made: Made) -> str:
    """The status line of a drawn video."""
    summary = made.summary
    width, height = summary.size
    shots = f"{len(summary.shots)} shot" + "s" * (len(summary.shots) != 1)
    return (
        f"{summary.frames} frames of {width} × {height} in {shots} · {summary.seconds:.1f} s, "
        f"{summary.seconds / summary.frames:.2f} s a frame"
    )


def temporal_table(errors: Sequence[dict[str, Any]]) -> str:
    """The temporal errors as a Markdown table; nothing where none were measured."""
    if not errors:
        return ""
    lines = [
        f"| {error['apart']} | {error['result']:.5f} | {error['floor']:.5f} | "
        f"{error['trusted']:.0%} |"
        for error in errors
    ]
    head = "| frames apart | temporal error | of the video itself | pixels compared |"
    return "\n".join([head, "|---|---|---|---|", *lines])


def _watching(wanted: bool) -> tuple[TemporalMeter, Callable[[Drawn], None] | None]:
    meter = TemporalMeter()

    def watch(drawn: Drawn) -> None:
        meter.add(drawn.frame.picture, drawn.picture.cpu(), cut=drawn.cut)

    return meter, watch if wanted else None


def _checked(video: Video) -> Video:
    width, height = video.size
    if (video.frames or 0) > MOST_FRAMES or width * height > MOST_PIXELS:
        raise ValueError(_too_much(video))
    return video


def _too_much(video: Video) -> str:
    """What is said of a video that is too long or too large, or is longer than its header says."""
    width, height = video.size
    count = video.frames or 0
    frames = count if count > MOST_FRAMES or width * height > MOST_PIXELS else "more"
    return (
        f"{video.path.name} has {frames or 'unknown'} frames of {width}x{height}; "
        f"expected at most {MOST_FRAMES} frames and {MOST_PIXELS:,} pixels: cut or shrink it, "
        "or use the command line."
    )
