"""About: papers and how to cite them, checkpoints with numbers and limits, training, licences."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

import gradio as gr

from lab.card import Card
from lab.catalog import STYLIZERS, SYNTHESIZERS
from lab.interfaces import Paper
from lab.lab import Lab
from lab.ui.components import PNG, Page
from lab.ui.training_record import HISTORY, curves

TITLE = "About"
QUIET = {"show_progress": "hidden", "api_visibility": "private"}
INTRODUCTION = """
Atelier is a lab for two ideas about pictures. **Synthesis** draws a photograph of a label map in
which every object has a look of its own. **Transfer** draws a picture in the style of another by
one learned matrix. Everything runs on the machine that serves this page; nothing is sent elsewhere,
and what you upload is deleted within two hours of its last use.
"""
ABLATIONS = "ablations.json"
LEFT_OUT = ("Trained with", "mean IoU", "± IoU", "KID", "± KID", "Seeds")
CITING = """
Pictures, numbers or ideas from a method: cite its paper. From a checkpoint of ours: its paper too,
with the name and digest of the checkpoint, which stand in every saved picture. The owners of the
data named in its card ask to be cited as well.
"""
TRAINING = """
Every checkpoint was made by the code beside it, from one file of settings; its card above gives the
command. In the folder of this program:

```
accelerate launch -q -m training training/configs/synthesis/town.yaml \\
    perceptual.weights=null perceptual.exact=null
python -m training.export runs/town
```

trains the town, whose streets are generated, so it needs no data (`null` downloads torchvision's
VGG-19 for the perceptual loss). Any setting can be overridden as `key=value`; `--resume` goes on
after an interruption. Your own label maps and photographs go into folders `train_label`,
`train_inst` and `train_img`; the README says how, and how to convert Cityscapes, CamVid,
CelebAMask-HQ, NYU Depth V2 and ADE20K.
"""
LICENCES = """
- **Code**: Apache License 2.0.
- **Checkpoints**: CC BY-NC 4.0, for research: they were trained on data with that condition.
- **Example pictures**: layouts, contents and styles are drawn by this project's own code and free
  to use like it; what the networks drew of them falls under the checkpoints' licence.
- What you draw or upload stays yours.
"""
LIMITS = """
- The networks are small, so that they run on a processor: sharpness and variety are below the
  papers' large models. The cards above say by how much where it was measured.
- A street network knows streets of its training data only: a rare class, an object in an odd place
  or a size it never saw comes out blurred or wrong.
- Generated pictures are not evidence of anything. Do not present them as photographs of real places
  or people.
"""


def papers() -> list[Paper]:
    """The papers of all methods the lab knows, each once, oldest first."""
    classes = [catalog[name] for catalog in (SYNTHESIZERS, STYLIZERS) for name in catalog]
    published = {kind.paper for kind in classes if kind.paper}
    return sorted(published, key=lambda paper: (paper.year, paper.title))


def paper_line(paper: Paper) -> str:
    """A paper as a line of Markdown."""
    return f"- {paper.authors}: *{paper.title}*, {paper.year}. <{paper.url}>"


def citation(paper: Paper) -> str:
    """A paper as a BibTeX entry, called after its first author and its year."""
    authors = paper.authors.split(", ")
    key = f"{authors[0].split()[-1]}{paper.year}".lower()
    fields = {"title": f"{{{paper.title}}}", "author": " and ".join(authors)}
    fields |= {"year": str(paper.year), "url": paper.url}
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items()]
    return "\n".join([f"@misc{{{key},", *lines, "}"])


def card_text(card: Card) -> str:
    """A checkpoint's card as Markdown: what it is, how it was trained, numbers, limits."""
    width, height = card.native_size
    facts = [
        ("Method", card.method),
        ("Domain", card.domain),
        ("Trained at", f"{width} × {height} pixels"),
        ("Size", f"{card.parameters / 1e6:.2f} million numbers in {', '.join(card.parts)}"),
        ("Licence", card.licence),
        ("Digest", f"`{card.digest}`"),
    ]
    lines = [f"- **{name}**: {value}" for name, value in facts if value]
    for title, table in (("Training", card.training), ("Metrics", card.metrics)):
        if table:
            lines += ["", f"**{title}**", "", *_section(table)]
    if card.limits:
        lines += ["", "**Limits**", "", *(f"- {limit}" for limit in card.limits)]
    return "\n".join(lines)


def _section(values: Mapping[str, Any]) -> list[str]:
    """Names and values as a list; values that are records of one kind as tables below it."""
    tables = {key: value for key, value in values.items() if _is_table(value)}
    lines = _list({key: value for key, value in values.items() if key not in tables})
    for records in tables.values():
        lines += ["", *_table(records)]
    return lines


def _list(values: Mapping[str, Any], depth: int = 0) -> list[str]:
    lines = []
    for key, value in values.items():
        name = "  " * depth + f"- {_words(key)}"
        if isinstance(value, Mapping):
            lines += [name, *_list(value, depth + 1)]
        else:
            lines.append(f"{name}: {_words(value)}")
    return lines


def _is_table(value: Any) -> bool:
    if not isinstance(value, Mapping) or not value:
        return False
    return all(isinstance(record, Mapping) for record in value.values())


def _table(records: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """{row: {column: value}} as a Markdown table."""
    columns = list(dict.fromkeys(key for record in records.values() for key in record))
    rows = [["", *map(_words, columns)], ["---"] * (len(columns) + 1)]
    for name, record in records.items():
        rows.append([_words(name), *(_words(record.get(column, "")) for column in columns)])
    return [f"| {' | '.join(row)} |" for row in rows]


def _words(value: Any) -> str:
    """A value of a card as text; "_" in names becomes a space, numbers get four digits."""
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list | tuple):
        is_size = all(type(item) is int for item in value)
        return (" × " if is_size else "; ").join(map(_words, value))
    if isinstance(value, Mapping):
        said = {key: inner for key, inner in value.items() if inner is not None}
        return ", ".join(f"{_words(key)} {_words(inner)}" for key, inner in said.items())
    return str(value).replace("|", "/") if " " in str(value) else str(value).replace("_", " ")


def ablations(lab: Lab) -> tuple[list[list[Any]], str] | None:
    """The rows under `LEFT_OUT`, and what they say, from ablations.json; None where it is not."""
    path = lab.checkpoints / ABLATIONS
    if not path.is_file():
        return None
    found = json.loads(path.read_text(encoding="utf-8"))
    rows = []
    for row in found["rows"].values():
        iou, kid = row["mean_iou"], row["kid_mobilenet"]
        numbers = [iou["mean"], iou["spread"], kid["mean"], kid["spread"]]
        rows.append([row["title"], *numbers, iou["n"]])
    protocol = found["protocol"]
    how = (
        f"Runs of {protocol['steps']} steps on {protocol['data']}, {protocol['size']}, "
        f"{protocol['pictures']} scenes; ± is the {protocol['spread']}. The judge reads the "
        f"photographs themselves at {protocol['oracle_mean_iou']:.3g}; a lower KID is better."
    )
    return rows, "\n\n".join(text for text in (how, found.get("reading", "")) if text)


def _show_ablations(lab: Lab) -> None:
    found = ablations(lab)
    if found is None:
        return
    rows, said = found
    gr.Markdown("### What each part of pix2pixHD adds", elem_classes="reading")
    gr.Dataframe(rows, headers=list(LEFT_OUT), interactive=False, show_label=False)
    gr.Markdown(said, elem_classes="reading")


def build(lab: Lab, page: Page) -> None:
    """Lays out the tab from the papers of the methods and the cards that are installed."""
    gr.Markdown(INTRODUCTION, elem_classes="reading")
    gr.Markdown("### Papers\n" + "\n".join(map(paper_line, papers())), elem_classes="reading")
    with gr.Accordion("How to cite", open=False):
        entries = "\n\n".join(map(citation, papers()))
        gr.Markdown(f"{CITING}\n```bibtex\n{entries}\n```", elem_classes="reading")
    gr.Markdown("### Checkpoints", elem_classes="reading")
    cards = lab.cards()
    if not cards:
        gr.Markdown(f"None is installed in `{lab.checkpoints}`.", elem_classes="absent")
    for card in cards:
        broken = lab.missing(card.name)
        with gr.Accordion(card.title or card.name, open=False) as fold:
            if broken:
                gr.Markdown(broken, elem_classes="absent")
            gr.Markdown(card_text(card), elem_classes="reading wide")
            if (lab.checkpoints / card.name / HISTORY).is_file():
                # Drawn when unfolded: a chart in a closed fold would not know its width.
                plot = gr.Plot(label="Losses while it was trained", **PNG)
                fold.expand(partial(curves, lab, card.name), None, plot, **QUIET)
    _show_ablations(lab)
    gr.Markdown(f"### Train your own\n{TRAINING}", elem_classes="reading")
    gr.Markdown(f"### Limits\n{LIMITS}\n### Licences\n{LICENCES}", elem_classes="reading")
