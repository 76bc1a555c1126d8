"""What every visitor sees first, drawn ahead and shipped, so that the page shows it at once.

`python -m lab.ui.first_pictures` draws it into lab/assets/first with the tabs' own handlers; to be
run again after one of the checkpoints in them has changed, as a test tells.
"""

import json
import os
import shutil
import tempfile
from pathlib import Path

from lab import images
from lab.lab import Lab
from lab.patterns import CONTENTS, STYLES, examples
from lab.ui import compare_scenes as scenes
from lab.ui import (
    compare_synthesis,
    compare_transfer,
    draw_handlers,
    inside,
    inside_handlers,
    resolution_handlers,
    styles_handlers,
    transfer_handlers,
)
from lab.ui.compare_ahead import layout_key, remember, styles_key
from lab.ui.compare_drawing import SEED, SIZE, first_pair
from lab.ui.components import stylizers, synthesizers
from lab.ui.layouts import PRESETS
from lab.ui.pictures import START
from lab.ui.store import SHIPPED
from lab.ui.transfer_choices import SLOTS, Choices


def draw(lab: Lab) -> None:
    """Every picture that the tabs show when they are opened for the first time, into the store."""
    name, method = synthesizers(lab)[0][1], stylizers(lab)[0][1]
    draw_handlers.paint(lab, name, draw_handlers.first_drawing(lab, name), START)
    label = styles_handlers.first_class(styles_handlers.class_menu(lab, name))
    looks = styles_handlers.show(lab, styles_handlers.Wanted(name, label))
    layout = resolution_handlers.layout_for(lab, name, PRESETS[0], None)
    stages = resolution_handlers.stages(lab, name, layout)
    for _ in (*looks, *stages):
        pass
    subject, layer, score = inside.opened(lab, name, None, None, None)
    inside_handlers.layer_sheet(lab, subject, layer["value"])
    inside.scores(lab, subject, score["value"])
    styles = [examples(STYLES)[0], *[None] * (SLOTS - 1)]
    choices = Choices(method)
    encoded = transfer_handlers.encode(lab, choices, examples(CONTENTS)[0], styles)
    transfer_handlers.show(lab, encoded, choices)
    compare(lab)


def compare(lab: Lab) -> None:
    """Both comparisons that Compare opens with, pictures and numbers, into the store."""
    domain = scenes.domains(lab)[0]
    layout = domain, scenes.sources(domain)[0], SEED
    *_, (drawn, _) = compare_synthesis.compare(lab, *layout)
    remember(layout_key(lab, *layout), drawn)
    pair, methods = first_pair(), compare_transfer.usual(lab)
    *_, (drawn, _) = compare_transfer.compare(lab, *pair, size=SIZE, methods=methods)
    remember(styles_key(lab, *pair, SIZE, methods), drawn)


def write(lab: Lab, folder: Path = SHIPPED) -> list[Path]:
    """Draws them anew into `folder`, in place of what is there; returns their paths.

    Cuts, enlargements and planes are left out: they are made of these in no time.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    before = os.environ.get("GRADIO_TEMP_DIR")
    with tempfile.TemporaryDirectory() as work:
        os.environ["GRADIO_TEMP_DIR"] = work  # a store of its own, empty
        try:
            draw(lab)
        finally:
            del os.environ["GRADIO_TEMP_DIR"]
            if before is not None:
                os.environ["GRADIO_TEMP_DIR"] = before
        made = {path for path in Path(work).glob("*/*.png") if _is_drawn(path)}
        for told in Path(work).glob("*/comparison-*.json"):
            pictures = json.loads(told.read_text(encoding="utf-8"))["pictures"]
            made |= {told, *(told.with_name(each["path"]) for each in pictures)}
        return sorted(Path(shutil.copy(path, folder)) for path in made)


def _is_drawn(path: Path) -> bool:
    """Whether networks worked for it: a whole picture, or a sheet of what they see in one."""
    recipe = images.read_recipe(path)
    return recipe is not None and ("view" not in recipe or "said" in recipe)


if __name__ == "__main__":
    for shipped in write(Lab(device="cpu")):
        print(f"{shipped.name}: {shipped.stat().st_size / 1000:.0f} kB")
