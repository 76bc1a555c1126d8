"""The Resolution tab: both stages, their costs, the diagram, the discriminators, the loupe."""

import re
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
import torch
from PIL import Image

from lab import checkpoint, images
from lab.data.faces import FACES
from lab.data.streets import STREETS
from lab.data.town import Town, scene
from lab.lab import Lab
from lab.models.discriminators import DiscriminatorConfig, MultiscaleDiscriminator
from lab.models.pix2pixhd import GeneratorConfig
from lab.ui import build_app, networks_api, pictures, resolution, synthesis_api
from lab.ui import resolution_handlers as handlers
from lab.ui import resolution_verdicts as verdicts
from lab.ui.drawing import encode
from lab.ui.layouts import LAYOUTS, PRESETS, preset
from lab.ui.pictures import Desk, Looks
from lab.ui.resolution_diagram import caption, diagram, rows_of
from lab.ui.resolution_handlers import Wanted
from tests.tiny import save_streets


def last_of(lab: Lab, name: str, factor: int = 1) -> handlers.Step:
    *_, last = handlers.show(lab, Wanted(name, PRESETS[1], factor), None)
    return last


# --- the stages ----------------------------------------------------------------------------------


def test_two_stages_are_compared_at_one_size(lab: Lab) -> None:
    last = last_of(lab, "streets")
    shown = last.stages
    sizes = {images.open_picture(path).size for path in (shown.before, shown.after)}
    assert sizes == {(64, 32)} and shown.size == (64, 32) and shown.before != shown.after
    assert [row[:2] for row in last.rows] == [("G1", "32 × 16"), ("G1 + G2", "64 × 32")]
    generator = lab.synthesizer("streets").generator
    counts = [sum(p.numel() for p in n.parameters()) / 1e6 for n in (generator.coarse, generator)]
    assert [row[2] for row in last.rows] == [f"{count:.2f} M" for count in counts]
    assert "G1 alone" in last.said and last.done


def test_every_step_says_what_comes_next_and_g1_is_shown_before_g2(lab: Lab) -> None:
    steps = list(handlers.show(lab, Wanted("streets", PRESETS[0]), None))
    said = [step.said for step in steps[:3]]
    assert said == ["Loading the checkpoint …", "G1 draws …", "G2 draws …"]
    assert steps[0].stages is None and steps[2].stages.before == steps[2].stages.after
    assert [len(step.rows) for step in steps] == [0, 0, 1, 2, 2]
    assert [step.done for step in steps] == [False] * 4 + [True]


def test_twice_the_size_is_twice_the_size(lab: Lab) -> None:
    assert images.open_picture(last_of(lab, "streets", 2).stages.after).size == (128, 64)


def test_a_single_stage_says_so(lab: Lab) -> None:
    last = last_of(lab, "town")
    assert len(last.rows) == 1 and "one stage" in last.said


def test_the_drawing_of_the_visitor_is_taken_at_native_size(lab: Lab) -> None:
    drawing = encode(preset(PRESETS[3], (100, 50), STREETS))
    desk = Desk(drawing, "town", Looks(), "x.png")
    assert handlers.layout_for(lab, "streets", handlers.DRAWING, desk).size == (64, 32)
    with pytest.raises(gr.Error, match="no drawing"):
        handlers.layout_for(lab, "streets", handlers.DRAWING, None)


def test_a_drawing_of_other_classes_is_refused(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ids of a street mean something among the classes of faces, only not a street."""
    desk = Desk(encode(preset(PRESETS[3], (64, 32), STREETS)), "town", Looks(), "x.png")
    spaces = {"town": STREETS, "streets": FACES}
    for module in (handlers, pictures):
        monkeypatch.setattr(module, "domain_of", lambda _, name: (spaces[name], (64, 32)))
    with pytest.raises(gr.Error, match="classes of 'streets', and 'faces' is drawn here"):
        handlers.layout_for(lab, "streets", handlers.DRAWING, desk)
    assert handlers.layout_for(lab, "streets", PRESETS[0], desk).space is FACES


def test_a_drawing_keeps_its_looks_with_its_own_checkpoint_alone() -> None:
    looks = Looks({8000: 3}, seed=5)
    desk = Desk({}, "town", looks, "x.png")
    assert handlers.looks_for(Wanted("town", handlers.DRAWING), desk) == looks
    assert handlers.looks_for(Wanted("streets", handlers.DRAWING), desk) == handlers.USUAL
    assert handlers.looks_for(Wanted("town", PRESETS[0]), desk) == handlers.USUAL
    assert handlers.looks_for(Wanted("town", PRESETS[0]), None) == handlers.USUAL


# --- an error ------------------------------------------------------------------------------------


def test_a_new_drawing_makes_the_one_that_is_shown_outdated(lab: Lab) -> None:
    drawing = encode(preset(PRESETS[0], (64, 32), STREETS))
    old, new = (Desk(drawing, "town", Looks(), picture) for picture in ("old.png", "new.png"))
    shown = Wanted("town", handlers.DRAWING, picture="old.png")
    assert handlers.is_outdated(lab, shown, new)
    assert not handlers.is_outdated(lab, shown, old)
    assert not handlers.is_outdated(lab, shown, None)
    assert not handlers.is_outdated(lab, Wanted("town", PRESETS[0]), new)


def test_after_an_error_the_line_says_so_and_stop_is_off() -> None:
    line, stop = resolution.failed(Wanted("town", 1, turn=7), 7)
    assert "Stopped" in line and stop["interactive"] is False
    for wanted, running in ((Wanted("town", 1, turn=8), 7), (None, 7), (None, None)):
        assert resolution.failed(wanted, running) == (gr.skip(), gr.skip())


def test_the_page_hears_of_a_drawing_that_failed(lab: Lab) -> None:
    """Every drawing says which turn it is, and its failure sets line and Stop."""
    app = build_app(lab)
    (heard,) = [event for event in app.fns.values() if event.fn is resolution.failed]
    drawing = app.fns[heard.trigger_after]
    assert heard.trigger_only_on_failure
    assert drawing.outputs[0] is heard.inputs[1] and set(heard.outputs) <= set(drawing.outputs)
    assert isinstance(heard.outputs[0], gr.HTML) and heard.outputs[1].value == "Stop"
    first = next(resolution._draw(lab, Wanted("streets", PRESETS[0], turn=3), None))
    assert first[0] == 3 and len(first) == len(drawing.outputs)
    assert len(next(resolution._draw(lab, None, None))) == len(drawing.outputs)


def test_the_stages_are_a_table_and_none_is_nothing() -> None:
    text = handlers.table_text((("G1", "1 × 1", "0 M", "0", "0 MiB", "0 s"),))
    assert [line.count("|") for line in text.splitlines()] == [7, 7, 7]
    assert handlers.table_text(()) == ""


# --- the discriminators --------------------------------------------------------------------------


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """A lab whose "streets" ships two discriminators that say 1 of everything."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "pictures"))
    root = tmp_path / "checkpoints"
    card = save_streets(root, "streets")
    pipeline = checkpoint.load("streets", device="cpu", root=root)
    config = DiscriminatorConfig(len(STREETS) + 4, 4, layers=2, scales=2)
    network = MultiscaleDiscriminator(config)
    for patch in network.scales:
        torch.nn.init.zeros_(patch.stages[-1][0].weight)
        torch.nn.init.ones_(patch.stages[-1][0].bias)
    parts = {
        "generator": pipeline.generator,
        "encoder": pipeline.encoder,
        "styles": pipeline.bank,
        "discriminator": network,
    }
    configs = {name: card.config(name) for name in card.parts} | {"discriminator": asdict(config)}
    checkpoint.save(root / "streets", card.raw, parts, configs)
    return Lab(device="cpu", checkpoints=root)


def test_every_discriminator_is_asked_of_both_stages(asked: Lab) -> None:
    last = last_of(asked, "streets")
    assert [said for _, said in last.verdicts] == [
        f"{stage} · D{scale} · 1.00 on average"
        for stage in ("G1 alone", "with G2")
        for scale in (1, 2)
    ]
    assert "D1 34, D2 69" in last.verdict and "no photograph of a drawing" in last.verdict
    shown = images.to_tensor(images.open_picture(last.verdicts[-1][0]))[0]
    assert shown.shape == (3, 32, 64) and (shown[1] >= shown[0]).all()  # green: a photograph


def test_without_discriminators_a_sentence_says_so(lab: Lab) -> None:
    last = last_of(lab, "streets")
    assert last.verdicts == () and "without its discriminators" in last.verdict
    labels, _ = synthesis_api.layout(lab, "streets", 1)
    with pytest.raises(gr.Error, match="without its discriminators"):
        networks_api.verdicts(lab, "streets", labels)


def test_a_program_gets_the_verdicts_as_numbers_and_pictures(asked: Lab) -> None:
    labels, instances = synthesis_api.layout(asked, "streets", 1)
    pictures, told = networks_api.verdicts(asked, "streets", labels, instances=instances, seed=2)
    assert [each["patch"] for each in told["discriminators"]] == [34, 69]
    assert [each["mean"] for each in told["discriminators"]] == [1, 1]
    assert np.array(told["discriminators"][0]["scores"]).ndim == 2
    assert [images.open_picture(path).size for path in pictures] == [(64, 32)] * 2
    assert images.read_recipe(pictures[0])["seed"] == 2


@pytest.mark.parametrize("domain", ["streets", "faces", "indoor", "town"])
def test_the_town_alone_has_pictures_of_its_layouts(lab: Lab, monkeypatch, domain: str) -> None:
    monkeypatch.setattr(verdicts, "card_of", lambda *_: SimpleNamespace(domain=domain))
    assert verdicts.has_photograph(lab, "streets", PRESETS[0]) == (domain == "town")
    assert not verdicts.has_photograph(lab, "streets", None)  # a visitor's drawing


def test_the_photograph_is_of_the_very_layout(lab: Lab) -> None:
    """Every object's pixels are where the layout says: the ids of one scene are the other's."""
    number, size = PRESETS[2], (64, 32)
    streets = Town(split="test", size=size, length=LAYOUTS)
    truth, layout = scene(streets.scene_seed(number), size), preset(number, size, STREETS)
    assert torch.equal(truth.labels[None], layout.labels)
    assert torch.equal(truth.instances[None], layout.instances)
    shown = images.to_tensor(images.open_picture(verdicts.photograph(number, size)))[0]
    assert torch.allclose(shown, truth.photo, atol=0.5 / 255 + 1e-6)


def test_the_photograph_is_asked_of_last_and_at_every_scale(asked: Lab, monkeypatch) -> None:
    monkeypatch.setattr(verdicts, "has_photograph", lambda *_: True)
    steps = list(handlers.show(asked, Wanted("streets", PRESETS[1]), None))
    counts = [len(step.verdicts) for step in steps]
    assert counts == sorted(counts) and counts[-1] == counts[-2] == 6 and 4 in counts
    assert [said.split(" · ")[:2] for _, said in steps[-1].verdicts[4:]] == [
        [verdicts.PHOTOGRAPH, "D1"],
        [verdicts.PHOTOGRAPH, "D2"],
    ]
    assert "no photograph" not in steps[-1].verdict


# --- the diagram ---------------------------------------------------------------------------------


def test_the_diagram_has_the_channels_and_sizes_of_the_networks() -> None:
    config = GeneratorConfig(15, width=12, max_width=96, downsamplings=3, enhancers=1, noise=1)
    fine, coarse = rows_of(config, (512, 384))
    assert [fine.boxes[k][1] for k in (0, 1, 2, 7)] == [
        "16 · 512×384",
        "12 · 512×384",
        "24 · 256×192",
        "3 · 512×384",
    ]
    assert coarse.boxes[2][1] == "96 · 32×24" and coarse.boxes[4][1] == "24 · 256×192"
    assert "24 channels of 256 × 192" in caption(config, (512, 384))


@pytest.mark.parametrize("enhancers", [0, 1, 2])
def test_the_diagram_is_one_well_formed_picture(enhancers: int) -> None:
    from xml.etree import ElementTree

    config = GeneratorConfig(15, enhancers=enhancers, residual=True, skips=True)
    whole = diagram(config, (1024, 512))
    ElementTree.fromstring(whole)
    assert re.findall(r">(G\d)</text>", whole) == [f"G{i}" for i in range(enhancers + 1, 0, -1)]
    assert whole.count("enlarged, added") == (enhancers > 0)


def test_the_tab_draws_the_diagram_of_its_checkpoint(lab: Lab) -> None:
    assert "8 channels of 64 × 32" in resolution.drawn_diagram(lab, "streets", 2)
    assert "G1 alone" in resolution.drawn_diagram(lab, "town", 1)


# --- the loupe -----------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [(0, 0), (50, 60), (100, 100), (-5, 400)])
def test_the_loupe_shows_pixels_as_blocks(tmp_path: Path, at: tuple[int, int]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (120, 200, 3), dtype=np.uint8)
    for name in "ab":
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
    shown = handlers.Stages(str(tmp_path / "a.png"), str(tmp_path / "b.png"), (200, 120))
    view = np.asarray(Image.open(handlers.loupe(shown, *at)[1]))
    left, top = (
        round((s - 96) * min(100, max(0, a)) / 100) for s, a in zip((200, 120), at, strict=True)
    )
    small = view[:: handlers.ZOOM, :: handlers.ZOOM]
    assert np.array_equal(small, pixels[top : top + 96, left : left + 96])
    assert np.array_equal(view, small.repeat(handlers.ZOOM, 0).repeat(handlers.ZOOM, 1))


def test_a_loupe_on_pictures_that_were_put_away_says_what_to_do(lab: Lab) -> None:
    shown = last_of(lab, "streets").stages
    for path in (shown.before, shown.after):
        Path(path).unlink()
    with pytest.raises(gr.Error, match="draw or choose it again") as raised:
        handlers.loupe(shown, 50, 50)
    assert "/" not in str(raised.value)
