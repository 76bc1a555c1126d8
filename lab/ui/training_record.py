"""What a checkpoint's folder tells of its training: losses step by step, and what it drew."""

import hashlib
import json
from functools import partial

import plotly.graph_objects as go

from lab import plots
from lab.card import find
from lab.files import write_bytes
from lab.lab import Lab
from lab.ui.explain import explain
from lab.ui.store import keep_file

HISTORY, FILM = "history.jsonl", "previews.jpg"


@explain
def curves(lab: Lab, name: str) -> go.Figure:
    """The losses of a checkpoint's training over its steps, from its history.jsonl."""
    path = find(name, lab.checkpoints) / HISTORY
    if not path.is_file():
        raise FileNotFoundError(f"{name}/{HISTORY} is missing; its training left no record.")
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    losses = dict.fromkeys(key for record in records for key in record if "/" in key)
    return plots.learning_curves(records, list(losses))


def film(lab: Lab, name: str) -> str | None:
    """The path of the strip of drawings made while a checkpoint learned, oldest first; None without
    one.

    A copy that Gradio serves: checkpoints may lie where it serves nothing.
    """
    path = find(name, lab.checkpoints) / FILM
    if not path.is_file():
        return None
    content = path.read_bytes()
    key = hashlib.sha256(content).hexdigest()[:16]
    return keep_file(f"atelier-{name}-film-{key}.jpg", partial(write_bytes, content=content))
