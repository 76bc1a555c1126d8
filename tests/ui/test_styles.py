"""The Styles tab: banks with and without measures and objects, groupings of one visitor's own."""

from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
import torch

from lab import checkpoint, images
from lab.analysis.clustering import cluster
from lab.analysis.swatches import stand, swatch
from lab.analysis.true_looks import Known
from lab.card import read_card
from lab.data.streets import STREETS
from lab.images import open_picture, to_tensor
from lab.lab import Lab
from lab.models.styles import StyleBank, StyleBankConfig
from lab.ui import build_app, networks_api, styles_agreement, styles_desk
from lab.ui import styles_handlers as handlers
from lab.ui import styles_looks as looks
from lab.ui.domains import bank_of
from lab.ui.drawing import decode, encode
from lab.ui.layouts import preset, things
from lab.ui.pictures import Desk, Looks
from lab.ui.styles_handlers import Wanted
from lab.ui.styles_looks import Grouping
from lab.ui.styles_wiring import CLEARED, _as_before, _cleared, untold
from lab.ui.work import Work
from tests.tiny import save_streets

ROAD = STREETS.index("road")
OBJECTS = 30  # of the class road that the sampled checkpoint stores


@pytest.fixture
def sampled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """A lab whose "town" stores objects of the class road in three groups."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "pictures"))
    root = tmp_path / "checkpoints"
    card = save_streets(root, "town", enhancers=0)
    pipeline = checkpoint.load("town", device="cpu", root=root)
    bank = StyleBank(StyleBankConfig(11, 4, 3, measured=True, samples=40))
    bank.load_state_dict(pipeline.bank.state_dict(), strict=False)
    rng = np.random.default_rng(0)
    groups = [rng.normal(x, 0.02, (OBJECTS // 3, 3)) for x in (-0.5, 0, 0.5)]
    bank.features[ROAD, :OBJECTS] = torch.from_numpy(np.concatenate(groups))
    bank.kept[ROAD] = OBJECTS
    parts = {"generator": pipeline.generator, "encoder": pipeline.encoder, "styles": bank}
    configs = {**{name: card.config(name) for name in parts}, "styles": asdict(bank.config)}
    checkpoint.save(root / "town", {**card.raw, "domain": "town"}, parts, configs)
    return Lab(device="cpu", checkpoints=root)


@pytest.fixture
def grouping() -> Grouping:
    """Two looks of 60 and 40 objects."""
    return Grouping(
        "town",
        ROAD,
        centers=np.zeros((2, 3)),
        sizes=np.array([60, 40]),
        spreads=np.array([0.126, 0.5]),
        silhouette=0.414,
        features=np.zeros((0, 3)),
        members=np.zeros(0, int),
    )


# --- for programs --------------------------------------------------------------------------------


def test_a_class_is_regrouped_for_a_program(sampled: Lab) -> None:
    """Three groups of objects: three looks, a picture of each, and the best silhouette."""
    pictures, told = networks_api.group_looks(sampled, "town", "road", count=3)
    assert len(set(pictures)) == 3 and {open_picture(path).size for path in pictures} == {(64, 32)}
    assert told["looks"] == 3 and told["objects"] == [10, 10, 10] and told["stored"] == OBJECTS
    assert max(told["silhouettes"], key=told["silhouettes"].get) == "3"
    assert told["silhouette"] == pytest.approx(told["silhouettes"]["3"], abs=1e-4)
    assert sorted(round(center[0], 1) for center in told["centers"]) == [-0.5, 0, 0.5]


def test_without_a_number_a_program_gets_the_checkpoints_own_looks(lab: Lab) -> None:
    pictures, told = networks_api.group_looks(lab, "town", "road")
    assert len(pictures) == told["looks"] == 4 and told["objects"] == [4, 3, 2, 1]
    assert told["silhouettes"] == {} and told["silhouette"] is None and told["stored"] == 0


def test_a_program_learns_how_looks_agree_with_the_truth(sampled: Lab, monkeypatch) -> None:
    monkeypatch.setattr(styles_agreement, "SCENES", 2)
    for count in (None, 3, 1):
        told = networks_api.agreement(sampled, "town", "road", count=count)
        assert told["scenes"] == 2 and told["objects"] == sum(map(sum, told["looks"].values()))
        assert {len(row) for row in told["looks"].values()} == {count or 4}
    road = styles_agreement.known(sampled, "town")[ROAD]
    assert {look: sum(row) for look, row in told["looks"].items()} == Counter(road.looks)
    assert told["information"] == (None if len(told["looks"]) == 1 else 0)  # one look tells nothing


def test_no_program_is_told_of_a_truth_nobody_knows(lab: Lab) -> None:
    with pytest.raises(gr.Error, match="town alone; choose a checkpoint of it"):
        networks_api.agreement(lab, "town", "road")


def test_what_cannot_be_regrouped_is_one_sentence(lab: Lab, sampled: Lab) -> None:
    for asked, kind, count, words in (
        (sampled, "road", 13, "1 to 12 looks, not 13"),
        (sampled, "road", 0, "1 to 12 looks, not 0"),
        (sampled, "roof", 3, "no class 'roof'"),
        (sampled, "sky", 3, "no looks"),
        (lab, "road", 3, "stores no objects"),
    ):
        with pytest.raises(gr.Error, match=words):
            networks_api.group_looks(asked, "town", kind, count=count)


# --- words ---------------------------------------------------------------------------------------


def test_a_caption_tells_number_objects_and_spread(grouping: Grouping) -> None:
    assert handlers.caption(grouping, 0) == "look 1 · 60 objects · ±0.13"
    single = replace(grouping, sizes=np.array([1, 0]))
    assert handlers.caption(single, 0) == "look 1 · 1 object · ±0.13"
    assert handlers.caption(replace(grouping, spreads=None), 1) == "look 2 · 40 objects"


def test_the_measures_tell_how_many_looks_there_are_and_how_well_they_lie_apart(grouping) -> None:
    said = handlers.measures(grouping)
    assert said.startswith("2 looks of 100 objects. Silhouette 0.41:")
    alone = replace(grouping, centers=np.zeros((1, 3)), sizes=np.array([1]))
    assert handlers.measures(alone) == "1 look of 1 object."
    assert "was not measured" in handlers.measures(replace(grouping, silhouette=None))
    some = replace(grouping, features=np.zeros((30, 3)))
    assert "30 of which are stored" in handlers.measures(some)
    assert "for you alone" in handlers.measures(replace(grouping, own=True))


def test_the_area_rule_is_read_from_the_card(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "does not say" in handlers.area_rule(lab, "town")
    card = read_card(lab.checkpoints / "town")
    rule = {"clusters": 8, "choose": "silhouette", "smallest": 1 / 64}
    monkeypatch.setattr(handlers, "card_of", lambda *_: replace(card, training={"styles": rule}))
    said = handlers.area_rule(lab, "town")
    assert "at most 8 looks per class, their number chosen by silhouette" in said
    assert "1.6 %" in said


def test_the_mean_colour_is_that_of_the_masked_pixels() -> None:
    picture = np.zeros((2, 2, 3), np.uint8)
    picture[0] = (10, 20, 30), (20, 40, 60)
    assert handlers.mean_color(picture, np.array([[1, 1], [0, 0]], bool)) == "#0f1e2d"
    assert handlers.mean_color(picture, np.zeros((2, 2), bool)) == "#808080"


# --- the checkpoint's own looks ------------------------------------------------------------------


def test_the_class_menu_lists_classes_with_several_looks(lab: Lab) -> None:
    choices = handlers.class_menu(lab, "town")
    assert [label for _, label in choices] == list(range(1, 11))  # class 0 of the bank has none
    assert handlers.first_class(choices) == ROAD and handlers.first_class([]) is None


def test_the_first_step_comes_before_anything_is_drawn(lab: Lab) -> None:
    first, *growing = handlers.show(lab, Wanted("town", ROAD))
    assert first.swatches == [] and first.said == "Drawing look 1 of 4 …" and not first.done
    assert [len(step.swatches) for step in growing] == [1, 2, 3, 4]
    assert [step.pair is None for step in growing] == [True, False, False, False]
    assert growing[-1].done and "4 objects" in growing[-1].swatches[0][1]
    assert len(growing[-1].figure(1).data[0].x) == 4


def test_no_class_is_no_swatch(lab: Lab) -> None:
    (only,) = handlers.show(lab, Wanted("town", None))
    assert only.swatches == [] and only.done and only.figure() is None


def test_a_bank_without_measures_or_objects_is_read_and_cannot_be_regrouped(lab: Lab) -> None:
    bank = bank_of(lab, "town")
    assert bank.spreads is None and bank.features is None
    *_, last = handlers.show(lab, Wanted("town", ROAD))
    assert "was not measured" in last.said and "±" not in last.swatches[0][1]
    assert looks.most_looks(lab, "town", ROAD) == 4
    assert "training.styles --checkpoint town" in handlers.no_objects(lab, "town")
    with pytest.raises(ValueError, match="stores no objects"):
        looks.grouped(lab, "town", ROAD, 2)


def test_the_tab_shows_the_swatches_of_the_sheet(lab: Lab) -> None:
    *_, last = handlers.show(lab, Wanted("town", ROAD))
    pipeline = lab.synthesizer("town")
    assert looks.stand_of(lab, "town", ROAD).box == stand(ROAD, STREETS, (64, 32)).box
    for number, (path, _) in enumerate(last.swatches):
        drawn = swatch(pipeline, ROAD, number)
        shown = to_tensor(open_picture(path))
        assert (shown - drawn).abs().max() <= 0.5 / 255 + 1e-6


def test_two_looks_are_two_pictures_of_one_layout(lab: Lab) -> None:
    own = looks.stored(lab, "town", ROAD)
    paths = handlers.compare(lab, own, (1, 3))
    recipes = [images.read_recipe(path) for path in paths]
    assert recipes[0]["instances"] == recipes[1]["instances"]
    assert [recipe["styles"][str(ROAD)] for recipe in recipes] == [0, 2]
    assert handlers.compare(lab, own, (1, 99))[1] == looks.painted(lab, own, 3)


# --- a visitor's looks ---------------------------------------------------------------------------


def test_a_visitors_looks_are_k_means_of_the_stored_objects(sampled: Lab) -> None:
    bank = bank_of(sampled, "town")
    stored = bank.features[ROAD, :OBJECTS].astype(np.float64)
    made = looks.grouped(sampled, "town", ROAD, 3)
    expected = cluster(stored, 3)
    np.testing.assert_allclose(made.centers, expected.centers, rtol=1e-6)
    assert np.array_equal(made.members, expected.members) and made.silhouette > 0.9
    assert made.own and made.sizes.tolist() == [OBJECTS // 3] * 3
    assert max(looks.silhouettes(made), key=looks.silhouettes(made).get) == 3
    assert handlers.no_objects(sampled, "town") == ""


def test_as_many_as_the_checkpoint_has_are_its_own(sampled: Lab) -> None:
    own = looks.grouped(sampled, "town", ROAD, 4)
    assert not own.own and np.array_equal(own.centers, bank_of(sampled, "town").centers[ROAD])
    assert looks.most_looks(sampled, "town", ROAD) == looks.MOST


def test_swatches_follow_the_new_centres_and_nobody_elses_bank_changes(sampled: Lab) -> None:
    before = sampled.synthesizer("town").bank.state_dict()
    before = {name: table.clone() for name, table in before.items()}
    *_, last = handlers.show(sampled, Wanted("town", ROAD, 2))
    assert len(last.swatches) == 2
    recipe = images.read_recipe(looks.painted(sampled, last.grouping, 1))
    assert recipe["centers"][str(ROAD)] == last.grouping.centers.tolist()
    pipeline = looks.with_centers(sampled.synthesizer("town"), last.grouping)
    where = looks.stand_of(sampled, "town", ROAD)
    drawn = pipeline(where.layout, styles=where.styles(1))
    shown = to_tensor(open_picture(looks.painted(sampled, last.grouping, 1)))
    assert (shown - drawn).abs().max() <= 0.5 / 255 + 1e-6
    after = sampled.synthesizer("town").bank.state_dict()
    assert all(torch.equal(table, after[name]) for name, table in before.items())


def test_asking_clears_the_pictures_at_once_and_shows_the_objects(sampled: Lab) -> None:
    step, swatches, figure, _, pair, said, stop = _cleared(sampled, Wanted("town", ROAD, 3))
    assert step is None and pair is None and swatches["value"] == [] and "…" in said
    assert sum(len(cloud.x) for cloud in figure.data[1:]) == OBJECTS and stop["interactive"]
    assert _cleared(sampled, Wanted("town", None))[2] is None


def test_what_no_longer_holds_goes_without_asking_the_server(lab: Lab) -> None:
    """With the checkpoint and the number of looks alike."""
    config = build_app(lab).get_config_file()
    named = {part["props"].get("elem_id"): part["id"] for part in config["components"]}
    gone = [event for event in config["dependencies"] if event["js"] == CLEARED]
    heard = {number for event in gone for number, kind in event["targets"] if kind == "input"}
    assert len(heard) == 2 and named["styles-count"] in heard
    emptied = [named["swatches"], named["two-looks"], named["styles-said"]]
    assert all(event["outputs"] == emptied and not event["backend_fn"] for event in gone)


def test_a_menu_that_loses_the_focus_changes_nothing(sampled: Lab) -> None:
    done = handlers.Step([], (), None, "", None, done=True)
    assert all(value == gr.skip() for value in _as_before(sampled, Wanted("town", ROAD, 3), done))


def test_a_drawing_that_the_menu_ended_is_asked_for_again(sampled: Lab) -> None:
    wanted = Wanted("town", ROAD, 3)
    for step in (None, handlers.Step([], (), None, "", None)):
        again, *shown = _as_before(sampled, wanted, step)
        assert replace(again, turn=0) == wanted and again.turn > 0
        assert len(shown) == len(_cleared(sampled, wanted))


# --- to Draw -------------------------------------------------------------------------------------


def test_a_look_goes_into_the_drawing_on_the_desk(lab: Lab) -> None:
    drawing = encode(preset(2, (64, 32), STREETS))
    desk = Desk(drawing, "town", Looks(seed=5, choice={ROAD: 3, 1: 2}), "x.png")
    given, said = styles_desk.use(lab, looks.stored(lab, "town", ROAD), 2, desk)
    assert given.drawing["instances"] == drawing["instances"] and given.checkpoint == "town"
    assert given.looks.choice[ROAD] == 1 and given.looks.choice[1] == 2
    assert given.looks.seed == 5 and "look 2" in said
    assert images.read_recipe(given.picture)["styles"][str(ROAD)] == 1


def test_without_a_drawing_the_scene_of_the_swatches_goes_there(lab: Lab) -> None:
    given, _ = styles_desk.use(lab, looks.stored(lab, "town", ROAD), 4, None)
    layout = decode(given.drawing, STREETS)
    assert torch.equal(layout.labels, looks.stand_of(lab, "town", ROAD).layout.labels)
    roads = [thing.instance for thing in things(layout) if thing.label == ROAD]
    assert given.looks.choice == dict.fromkeys(roads, 3)
    with pytest.raises(gr.Error, match="choose a class"):
        styles_desk.use(lab, None, 1, None)


def test_a_visitors_look_takes_the_nearest_of_the_checkpoints(sampled: Lab) -> None:
    made = looks.grouped(sampled, "town", ROAD, 3)
    own = bank_of(sampled, "town").centers[ROAD]
    for look in range(3):
        index, said = styles_desk.own_look(sampled, made, look + 1)
        distances = ((own - made.centers[look]) ** 2).sum(1)
        assert index == distances.argmin() and "nearest" in said


# --- the truth -----------------------------------------------------------------------------------


def test_looks_that_are_the_true_ones_agree_wholly(grouping: Grouping) -> None:
    apart = replace(grouping, centers=np.array([[0.0] * 3, [1.0] * 3]))
    features = np.array([[0.1] * 3, [0.9] * 3, [0.0] * 3])
    found = {ROAD: Known(features, ("wet", "dry", "wet"))}
    said = styles_agreement.verdict(found, apart, "road")
    assert said.startswith("Over 3 road objects")
    assert "information 1.00" in said and "| wet | 2 | · |" in said and "| dry | · | 1 |" in said
    alike = {ROAD: Known(features, ("wet",) * 3)}
    assert "one true look" in styles_agreement.verdict(alike, apart, "road")
    assert "large enough" in styles_agreement.verdict({}, apart, "road")
    assert styles_agreement.compared({}, apart) == (None, {})


def test_the_town_is_read_once_for_everybody(sampled: Lab, monkeypatch) -> None:
    monkeypatch.setattr(styles_agreement, "SCENES", 2)
    own = looks.stored(sampled, "town", ROAD)
    steps = list(styles_agreement.agree(sampled, own))
    assert steps[0].endswith("0% …") and len(steps) == 3 and steps[-1][-1] != "…"
    assert list(styles_agreement.agree(sampled, own)) == steps[-1:]


def heard(app: gr.Blocks, name: str, event: str) -> list:
    """The listeners to an event of the component called so, in their order."""
    (number,) = [key for key, block in app.blocks.items() if block.elem_id == name]
    return [each for each in app.fns.values() if (number, event) in each.targets]


def test_no_verdict_stays_under_other_looks(sampled: Lab) -> None:
    app = build_app(sampled)
    (regroup,) = [event.fn for event in heard(app, "styles-count", "input") if event.fn]
    (outputs,) = [event.outputs for event in heard(app, "styles-count", "input") if event.fn]
    (left,) = [event.fn for event in heard(app, "styles-class", "input") if event.fn]
    (begun,) = [event.outputs for event in heard(app, "styles-class", "input") if event.fn]
    for given, said in (
        (outputs, regroup("town", ROAD, 2)),
        (begun, left(None, None, "town", ROAD)),
    ):
        ids = [component.elem_id for component in given]
        at = ids.index("styles-agreement")
        assert len(said) == len(given) and said[at] == ""
        assert given[at + 1].value == "Cancel" and said[at + 1]["visible"] is False


def test_other_looks_end_the_reading_of_the_truth_first(lab: Lab) -> None:
    """Gradio lets listeners to one event wait for one another, in their order."""
    app = build_app(lab)
    (reading,) = [key for key, e in app.fns.items() if e in heard(app, "true-looks", "click")]
    by_menu = heard(app, "styles-class", "change")  # `input` comes when the focus leaves it, too
    for events in (heard(app, "styles-count", "input"), by_menu):
        assert reading in next(event.cancels for event in events if event.fn or event.cancels)
    cancelling = [event for event in app.fns.values() if reading in event.cancels]
    ended = {app.blocks[number].label for event in cancelling for number, _ in event.targets}
    assert "Checkpoint" in ended


def test_reading_that_made_way_for_other_looks_has_nothing_to_say() -> None:
    wanted = Wanted("town", ROAD, 3, turn=5)
    assert untold(wanted, replace(wanted, turn=6))[0] == "Stopped."
    for now in (replace(wanted, count=4), replace(wanted, label=2), None):
        assert untold(wanted, now)[0] == ""
    assert untold(None, wanted)[1]["visible"] is False


def test_truth_is_asked_of_the_town_alone(lab: Lab) -> None:
    assert not styles_agreement.has_truth(lab, "town")  # the tiny one is called of the streets
    with pytest.raises(gr.Error, match="town alone"):
        list(styles_agreement.agree(lab, looks.stored(lab, "town", ROAD)))


def test_reading_the_town_ends_when_its_visitor_leaves(sampled: Lab, monkeypatch) -> None:
    monkeypatch.setattr(styles_agreement, "SCENES", 5000)
    work = iter(Work(lambda progress: styles_agreement.read(sampled, "town", progress)))
    next(work)
    work.close()
    assert styles_agreement.known(sampled, "town") is None
