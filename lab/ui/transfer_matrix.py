"""The matrices of a transfer: what is multiplied by what, and how near the style it comes."""

import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import gradio as gr
import plotly.graph_objects as go

from lab import plots, plots_transfer
from lab.analysis.transfer import Anatomy, dissect, to_csv, to_npz
from lab.cutouts import open_cutout
from lab.files import write_bytes
from lab.lab import Lab
from lab.pipelines.controls import with_form
from lab.pipelines.transfer import shares_of
from lab.ui.components import PNG, note
from lab.ui.explain import explain
from lab.ui.store import keep_file
from lab.ui.transfer_choices import Choices, is_quick
from lab.ui.transfer_handlers import Encoded, stylize

FACTORS, FOLDED, COVARIANCES = "T and its factors S, C", "The whole map", "Covariances"
VIEWS = (FACTORS, FOLDED, COVARIANCES)
COVARIANCE_NAMES = {
    "content": "Content",
    "style": "Style",
    "asked": "Asked of the decoder",
    "result": "Result, as drawn",
}
ERROR_NAMES = {
    "content": "content",
    "result": "result, as drawn",
    "asked": "asked of the decoder",
    "T by WCT": "asked, T by WCT",
    "T by AdaIN": "asked, T by AdaIN",
    "wct": "asked by WCT",
    "adain": "asked by AdaIN",
}
READING = """
Every feature of the content becomes *y = W x + b*. **T** is the part of W that was learned, between
two fixed convolutions; **W**, C × C, has everything in it, the strength too. A map takes features
of covariance Σ to W Σ Wᵀ: that is **asked** of the decoder. What it made of that, with colours and
photo-realism, is the **result**: the drawn picture, read again by the method's own encoder. The
bars say how far each is from the style's covariance. At full strength *WCT* asks for just that,
*AdaIN* for its diagonal; *T by WCT* and *T by AdaIN* put these closed forms in T's place. Where a
method works level by level, all this is of the deepest, and the result is that of all levels.
"""


@dataclass(frozen=True)
class MatrixPanel:
    """The components of the panel, in the order of what `figures` returns; then its controls."""

    said: gr.Markdown
    matrix: gr.Plot
    values: gr.Plot
    errors: gr.Plot
    spectra: gr.Plot
    detail: gr.Plot
    view: gr.Radio
    make: gr.Button
    files: gr.Files

    def outputs(self) -> list[Any]:
        """What `figures` fills."""
        return [getattr(self, field.name) for field in fields(self)][:6]


def panel() -> MatrixPanel:
    """Lays the panel out."""
    gr.Markdown("### The matrix at work")
    said = note("")
    with gr.Row(equal_height=True):
        matrix = gr.Plot(label="The matrix T", elem_id="matrix", **PNG)
        values = gr.Plot(label="Singular values", **PNG)
    with gr.Row(equal_height=True):
        errors = gr.Plot(label="How far from the style's covariance", **PNG)
        spectra = gr.Plot(label="Spectra of the covariances", **PNG)
    note(READING)
    view = gr.Radio(VIEWS, value=FACTORS, label="Look closer", show_label=False, container=False)
    detail = gr.Plot(label="Closer", show_label=False, elem_id="matrix-detail", **PNG)
    with gr.Row(elem_classes="actions"):
        make = gr.Button("Make files of all matrices (NPZ, CSV)", elem_id="matrix-make")
        files = gr.Files(
            label="Files", visible=False, interactive=False, height=120, elem_id="matrix-files"
        )
    return MatrixPanel(said, matrix, values, errors, spectra, detail, view, make, files)


@explain
def anatomy(lab: Lab, encoded: Encoded, choices: Choices) -> Anatomy:
    """The transfer of the whole picture by the mix of styles, at the deepest level of the method,
    and what the picture has that `transfer_handlers.stylize` draws of the same choices.

    Raises:
        gr.Error: the method maps no features.
    """
    if not is_quick(lab, encoded.method):
        raise ValueError(
            f"{encoded.method} changes the picture itself and has no matrix; choose another method."
        )
    controls = choices.controls(lab, encoded.slots)
    stylizer = with_form(lab.stylizer(encoded.method), controls)
    content, drawn = (
        open_cutout(path).picture.to(lab.device)
        for path in (encoded.content, stylize(lab, encoded, choices).path)
    )
    tile = controls.tile_for(content)
    described, result = (stylizer.describe(each, tile=tile) for each in (content, drawn))
    styles = encoded.styles_on(lab.device)
    shares = shares_of(styles, controls.shares(len(styles)))
    looks = [style.levels[0] for style in styles]
    how = {"drawn": result, "strength": controls.strength}
    return dissect(stylizer.levels[0].mapper, described, looks, shares, **how)


@explain
def figures(
    lab: Lab, encoded: Encoded | None, choices: Choices, view: str
) -> tuple[str | go.Figure | None, ...]:
    """A sentence; matrix, singular values, errors, spectra, and the chosen closer view."""
    if encoded is None:
        return "", None, None, None, None, None
    if not is_quick(lab, encoded.method):
        said = f"{encoded.method} changes the picture itself, pixel by pixel: there is no matrix."
        return said, None, None, None, None, None
    found = anatomy(lab, encoded, choices)
    shown = found.folded if found.matrix is None else found.matrix
    return (
        sentence(found, divided=choices.is_divided(encoded.slots)),
        plots.transform_matrix(shown),
        plots.singular_values(shown),
        plots_transfer.style_errors(errors(found), own=ERROR_NAMES["result"]),
        plots_transfer.spectra(covariances(found)),
        closer(found, view),
    )


def closer(found: Anatomy, view: str) -> go.Figure:
    """One of `VIEWS`; a method without factors shows its whole map."""
    if view == COVARIANCES:
        return plots_transfer.matrices(covariances(found))
    if view == FOLDED or found.matrix is None:
        return plots_transfer.folded_map(found.folded)
    named = {"T": found.matrix, "S, of the style": found.style_factor}
    named["C, of the content"] = found.content_factor
    return plots_transfer.matrices({k: v for k, v in named.items() if v is not None}, alike=False)


def sentence(found: Anatomy, *, divided: bool) -> str:
    """What the figures say, in words."""
    size = len(found.folded if found.matrix is None else found.matrix)
    values = found.singular_values**2
    shares = values.cumsum() / max(float(values.sum()), 1e-12)
    most = int((shares < 0.9).sum()) + 1
    name = "T" if found.matrix is not None else "the whole map W (this method has no T)"
    said = (
        f"Row *i* of {name} says of which of the content's {size} channels the *i*-th new one is "
        f"made: green adds, rust subtracts. {most} of {size} directions carry 90 % of the energy. "
        f"From the style's covariance, the content's is {found.errors['content']:.2f} away and the "
        f"one asked of the decoder {found.errors['asked']:.2f}; the picture as drawn, read again, "
        f"has one {found.errors['result']:.2f} away."
    )
    regions = (
        " Each region has a matrix of its own; this is that of the mix over all the picture, and "
        "the result is drawn with theirs."
    )
    return said + regions * divided


def errors(found: Anatomy) -> Mapping[str, float]:
    """What has the covariance, in the page's words → how far it is from the style's."""
    return {ERROR_NAMES[name]: error for name, error in found.errors.items()}


def covariances(found: Anatomy) -> Mapping[str, Any]:
    """Title → covariance."""
    return {title: getattr(found, name) for name, title in COVARIANCE_NAMES.items()}


@explain
def files(lab: Lab, encoded: Encoded | None, choices: Choices) -> list[str]:
    """Paths of an NPZ with all arrays and of a ZIP with one CSV for each."""
    if encoded is None:
        raise ValueError("There are no matrices yet; add a content and a style picture.")
    found = anatomy(lab, encoded, choices)
    packed = to_npz(found)
    key = hashlib.sha256(packed).hexdigest()[:16]  # the same map may have drawn other pictures
    npz = keep_file(f"matrices-{key}.npz", lambda path: write_bytes(path, packed))
    tables = keep_file(f"matrices-{key}-csv.zip", lambda path: write_bytes(path, to_zip(found)))
    return [npz, tables]


def to_zip(found: Anatomy) -> bytes:
    """Every array, and the errors, as CSV files in a ZIP; same input, same bytes."""
    tables = {name: to_csv(array) for name, array in found.arrays().items()}
    rows = [f"{name},{error:.9g}" for name, error in found.errors.items()]
    tables["errors"] = "\n".join(["covariance,relative error", *rows, ""]).encode()
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, table in tables.items():
            entry = zipfile.ZipInfo(f"{name}.csv")  # dated 1980, whatever the day
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, table)
    return file.getvalue()


def shown_files(paths: list[str]) -> dict[str, Any]:
    """The update that shows files that were made."""
    return gr.update(value=[str(Path(path)) for path in paths], visible=True)
