"""About: papers, checkpoints with their numbers and limits, licences."""

from collections.abc import Mapping
from typing import Any

import gradio as gr

from lab.card import Card
from lab.catalog import STYLIZERS, SYNTHESIZERS
from lab.interfaces import Paper
from lab.lab import Lab
from lab.ui.components import Page

TITLE = "About"
INTRODUCTION = """
Atelier is a lab for two ideas about pictures. **Synthesis** draws a photograph of a label map in
which every object has a look of its own. **Transfer** draws a picture in the style of another by
one learned matrix. Everything runs on the machine that serves this page; nothing is sent elsewhere,
and what you upload is deleted after an hour.
"""
LICENCES = """
- **Code**: Apache License 2.0.
- **Checkpoints**: CC BY-NC 4.0, for research: they were trained on data with that condition.
- **Example pictures**: drawn by this project's own code, free to use like the code.
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
    return sorted({kind.paper for kind in classes}, key=lambda paper: (paper.year, paper.title))


def paper_line(paper: Paper) -> str:
    """A paper as a line of Markdown."""
    return f"- {paper.authors}: *{paper.title}*, {paper.year}. <{paper.url}>"


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
            lines += ["", f"**{title}**", "", *_rows(table)]
    if card.limits:
        lines += ["", "**Limits**", "", *(f"- {limit}" for limit in card.limits)]
    return "\n".join(lines)


def _rows(table: Mapping[str, Any], depth: int = 0) -> list[str]:
    """Nested names and values as an indented list."""
    lines = []
    for key, value in table.items():
        name = "  " * depth + f"- {str(key).replace('_', ' ')}"
        if isinstance(value, Mapping):
            lines += [name, *_rows(value, depth + 1)]
        elif isinstance(value, list | tuple):
            lines.append(f"{name}: {', '.join(map(_shown, value))}")
        else:
            lines.append(f"{name}: {_shown(value)}")
    return lines


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value)


def build(lab: Lab, page: Page) -> None:
    """Lays out the tab from the papers of the methods and the cards that are installed."""
    gr.Markdown(INTRODUCTION, elem_classes="reading")
    gr.Markdown("### Papers\n" + "\n".join(map(paper_line, papers())), elem_classes="reading")
    gr.Markdown("### Checkpoints", elem_classes="reading")
    cards = lab.cards()
    if not cards:
        gr.Markdown(f"None is installed in `{lab.checkpoints}`.", elem_classes="absent")
    for card in cards:
        broken = lab.missing(card.name)
        with gr.Accordion(card.title or card.name, open=False):
            if broken:
                gr.Markdown(broken, elem_classes="absent")
            gr.Markdown(card_text(card), elem_classes="reading")
    gr.Markdown(f"### Limits\n{LIMITS}\n### Licences\n{LICENCES}", elem_classes="reading")
