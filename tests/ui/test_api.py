"""The contract with programs: named endpoints, their parameters in order, and what they return.

After a change that is meant: python -m tests.ui.test_api writes api.json anew.
"""

import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from lab.images import open_ids, read_recipe
from lab.lab import Lab
from lab.ui import build_app, networks_api, synthesis_api
from lab.ui.drawing import MAX_PIXELS
from tests.tiny import save_linear_fast, save_streets

STORED = Path(__file__).with_name("api.json")


def contract(lab: Lab) -> dict[str, Any]:
    """Endpoint → its parameters in order, with their components, and what it returns.

    What depends on the installed checkpoints, the choices, is left out.
    """
    endpoints = build_app(lab).get_api_info()["named_endpoints"]
    return {
        name: {
            "parameters": [
                f"{each['parameter_name']}: {each['component']}"
                + " (optional)" * each["parameter_has_default"]
                for each in told["parameters"]
            ],
            "returns": [f"{_label(each)}: {each['component']}" for each in told["returns"]],
        }
        for name, told in sorted(endpoints.items())
    }


def _label(returned: dict[str, Any]) -> str:
    """What a value is called; without a label Gradio counts the components of all apps so far."""
    return re.sub(r"value_\d+", "value", returned["label"])


def test_the_contract_is_the_stored_one(lab: Lab) -> None:
    assert contract(lab) == json.loads(STORED.read_text(encoding="utf-8"))


def test_every_public_endpoint_has_a_name_and_says_what_it_does(lab: Lab) -> None:
    told = build_app(lab).get_api_info()
    assert told["unnamed_endpoints"] == {}
    for name, endpoint in told["named_endpoints"].items():
        assert not name.startswith(("/partial", "/lambda", "/listener")), name
        said = endpoint.get("description") or ""
        assert len(said) > 20 and "partial(" not in said, name
        assert all(p["parameter_name"] for p in endpoint["parameters"]), name


@pytest.fixture
def maps(lab: Lab) -> list[str]:
    return synthesis_api.layout(lab, "streets", 1)


def test_a_layout_made_by_rules_can_be_drawn_and_carries_its_recipe(lab: Lab, maps) -> None:
    labels, instances = maps
    ids = open_ids(instances)
    instance = int(ids[open_ids(labels) > 0][0])
    path, recipe = synthesis_api.draw(
        lab, "streets", labels, instances=instances, styles={str(instance): 1}, seed=None
    )
    assert recipe == read_recipe(path) and recipe["styles"][str(instance)] == 1
    again, _ = synthesis_api.draw(
        lab, "streets", labels, instances=instances, styles=recipe["styles"], seed=None
    )
    assert np.array_equal(Image.open(path), Image.open(again))


def test_the_looks_of_a_photograph_can_be_drawn(lab: Lab, maps) -> None:
    labels, instances = maps
    photo, _ = synthesis_api.draw(lab, "streets", labels, instances=None, styles=None, seed=5)
    styles = synthesis_api.encode(lab, "streets", labels, photo, instances=instances)
    counts = synthesis_api.clusters(lab, "streets")
    assert styles and all(0 <= cluster < 4 for cluster in styles.values())
    assert sum(told["looks"] for told in counts.values()) == 40
    assert (
        synthesis_api.draw(lab, "streets", labels, instances=instances, styles=styles, seed=None)[
            1
        ]["styles"].items()
        >= {key: value for key, value in styles.items()}.items()
    )


def test_objects_are_named_by_the_ids_of_the_map_that_was_sent(lab: Lab, maps, tmp_path) -> None:
    """A program that numbers its objects from 1 chooses their looks, and reads them, by these."""
    labels, instances = maps
    ids = np.unique(open_ids(instances), return_inverse=True)[1].reshape(32, 64) + 1
    Image.fromarray(ids.astype(np.uint16)).save(tmp_path / "own.png")
    own = str(tmp_path / "own.png")
    photo, recipe = synthesis_api.draw(lab, "streets", labels, instances=own, styles={"2": 3})
    assert recipe["styles"]["2"] == 3
    read = synthesis_api.encode(lab, "streets", labels, photo, instances=own)
    assert read and {int(one) for one in read} <= set(np.unique(ids))


def test_maps_are_shrunk_as_their_descriptions_say(lab: Lab, tmp_path: Path) -> None:
    Image.new("L", (4096, 1024), 3).save(tmp_path / "wide.png")
    layout = synthesis_api.read_layout(lab, "streets", str(tmp_path / "wide.png"), None)
    assert layout.size[0] * layout.size[1] <= MAX_PIXELS
    for name in ("draw", "stages", "encode", "activations"):
        said = synthesis_api.DESCRIPTIONS[name]
        assert f"shrunk where it has more than {MAX_PIXELS:,} pixels" in said


@pytest.mark.parametrize(
    ("styles", "seed"), [({"8000": "blue"}, None), ([1], None), ({}, "many"), ({"x": 1}, 0)]
)
def test_wrong_looks_are_one_sentence(lab: Lab, maps, styles, seed) -> None:
    with pytest.raises(gr.Error, match="Styles are a JSON object"):
        synthesis_api.draw(lab, "streets", maps[0], instances=None, styles=styles, seed=seed)


@pytest.mark.parametrize("seed", [10**18, -(2**64), 10**400, float("inf"), float("nan")])
def test_a_seed_that_no_recipe_can_carry_is_one_sentence(lab: Lab, maps, seed) -> None:
    with pytest.raises(gr.Error, match="at most 18 digits"):
        synthesis_api.draw(lab, "streets", maps[0], seed=seed)


def test_stages_and_layers_are_pictures_of_their_sizes(lab: Lab, maps) -> None:
    labels, instances = maps
    (rough, fine), told = synthesis_api.stages(
        lab, "streets", labels, instances=instances, styles=None, seed=1
    )
    sizes = [Image.open(path).size for path in (rough, fine)]
    assert sizes == [(32, 16), (64, 32)] and len(told["seconds"]) == 2
    sheet, said = synthesis_api.activations(lab, "streets", labels, layer="G1, halving 1", seed=1)
    assert Path(sheet).is_file() and "channels" in said["shown"]


def test_a_program_gets_what_the_generator_is_given(lab: Lab, maps) -> None:
    labels, instances = maps
    paths, told = networks_api.inputs(lab, "streets", labels, instances=instances, seed=1)
    *planes, edges, looks = (np.asarray(Image.open(path).convert("RGB")) for path in paths)
    ids, objects = open_ids(labels), open_ids(instances)
    space = lab.synthesizer("streets").space
    for plane, said in zip(planes, told["maps"], strict=False):
        there = ids == space.index(said["kind"])
        assert np.array_equal(plane == 255, np.repeat(there[..., None], 3, 2))
        assert said["share"] == pytest.approx(there.mean(), abs=1e-6) and said["shown"] == "plane"
    assert len(planes) == len(np.unique(ids))
    assert [said["shown"] for said in told["maps"][-2:]] == ["boundaries", "looks"]
    around = np.pad(objects, 1, mode="edge")
    beside = [around[1:-1, 2:], around[1:-1, :-2], around[2:, 1:-1], around[:-2, 1:-1]]
    assert np.array_equal(edges[..., 0] == 255, sum(objects != each for each in beside) > 0)
    for one in np.unique(objects):
        assert len(np.unique(looks[objects == one], axis=0)) == 1


def test_a_program_gets_the_features_of_a_photograph(lab: Lab, maps) -> None:
    labels, instances = maps
    photo, _ = synthesis_api.draw(lab, "streets", labels, instances=instances, seed=5)
    (every, pooled), told = networks_api.features(
        lab, "streets", labels, photo, instances=instances
    )
    ids, pixels = open_ids(instances), [np.asarray(Image.open(path)) for path in (every, pooled)]
    assert set(told["objects"]) == {str(one) for one in np.unique(ids)}
    for one, average in told["objects"].items():
        inside = ids == int(one)
        shown = pixels[1][inside].astype(float) / 127.5 - 1
        np.testing.assert_allclose(shown, np.broadcast_to(average, shown.shape), atol=0.01)
        mean = pixels[0][inside].mean(0) / 127.5 - 1
        np.testing.assert_allclose(mean, average, atol=0.01)
    whole = networks_api.features(lab, "streets", labels, photo)  # regions are the objects
    assert not {every, pooled} & set(whole[0])
    with pytest.raises(gr.Error):
        networks_api.features(lab, "streets", labels, str(Path(__file__)))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        save_streets(root, "streets", enhancers=1)
        save_streets(root, "town", enhancers=0, seed=1)
        save_linear_fast(root)
        text = json.dumps(contract(Lab(device="cpu", checkpoints=root)), indent=1)
        STORED.write_text(text + "\n", encoding="utf-8")
    sys.exit(0)
