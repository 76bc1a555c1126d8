"""The drawing rules of the painter (painter/grid.js), in the browser, against brute force."""

import json
from typing import Any

import numpy as np
import pytest
import torch

from lab.data.streets import STREETS
from lab.interfaces import Layout
from lab.ui.drawing import encode
from lab.ui.layouts import number_regions
from lab.ui.painter import FOLDER, domain, painter

pytest.importorskip("playwright.sync_api")
WIDTH, HEIGHT = 40, 30


@pytest.fixture(scope="module")
def run(chromium):
    """Runs JavaScript with grid.js in scope; `grid` is the given maps, `drawn` what `put` hit."""
    page = chromium.new_page()
    library = (FOLDER / "grid.js").read_text(encoding="utf-8")

    def evaluate(code: str, labels: np.ndarray | None = None, **values: Any) -> Any:
        labels = np.zeros((HEIGHT, WIDTH), int) if labels is None else labels
        height, width = labels.shape
        given = "".join(f"const {name} = {json.dumps(value)};" for name, value in values.items())
        return page.evaluate(
            f"""() => {{ {library} {given}
            const grid = makeGrid({width}, {height}), drawn = new Array({width * height}).fill(0);
            grid.labels.set({labels.ravel().tolist()});
            grid.instances.set({labels.ravel().tolist()});
            const put = (i) => {{ drawn[i]++; }};
            {code} }}"""
        )

    yield evaluate
    page.close()


def centres() -> tuple[np.ndarray, np.ndarray]:
    """x and y of every pixel's centre."""
    rows, columns = np.indices((HEIGHT, WIDTH))
    return columns + 0.5, rows + 0.5


@pytest.mark.browser
def test_runs_are_those_of_python_and_come_back(run) -> None:
    labels = np.random.default_rng(0).choice([0, 3, 8], size=(HEIGHT, WIDTH), p=[0.7, 0.2, 0.1])
    ids = torch.from_numpy(labels)[None]
    expected = encode(Layout(ids, ids.clone(), STREETS))["labels"]
    assert run("return asText(toRuns(grid.labels))", labels) == expected
    code = "fromRuns(asRuns(sent), grid.instances); return [...grid.instances]"
    lists = [int(number) for number in expected.split()]  # as drawings were saved before
    for sent in (expected, lists):
        assert run(code, sent=sent) == labels.ravel().tolist()


@pytest.mark.browser
@pytest.mark.parametrize("ends", [((5, 5), (30, 20)), ((12, 3), (12, 3)), ((-4, 10), (50, 28))])
def test_a_stroke_is_every_pixel_near_its_line(run, ends) -> None:
    code = "capsule(grid, a, b, 4.3, put); return drawn"
    drawn = np.array(run(code, a=ends[0], b=ends[1])).reshape(HEIGHT, WIDTH)
    x, y = centres()
    steps = np.linspace(0, 1, 4001)
    points = np.outer(1 - steps, ends[0]) + np.outer(steps, ends[1])
    near = np.array([np.hypot(x - px, y - py) for px, py in points[:: max(1, len(points) // 800)]])
    distance = near.min(0)
    certain = np.abs(distance - 4.3) > 0.05  # the sampled line is a little short of the true one
    assert np.array_equal(drawn[certain] == 1, distance[certain] < 4.3)
    assert drawn.max() == 1


@pytest.mark.browser
@pytest.mark.parametrize("seed", range(4))
def test_filling_covers_the_connected_region_once(run, seed: int) -> None:
    car = STREETS.index("car")
    labels = np.random.default_rng(seed).choice([car, 3], size=(HEIGHT, WIDTH), p=[0.62, 0.38])
    regions = number_regions(labels, STREETS)
    y, x = np.argwhere(labels == car)[7 * seed + 3]
    drawn = run("flood(grid, x, y, put); return drawn", labels, x=int(x), y=int(y))
    expected = regions == regions[y, x]
    assert np.array_equal(np.array(drawn).reshape(HEIGHT, WIDTH), expected.astype(int))


@pytest.mark.browser
def test_filling_with_the_same_value_ends(run) -> None:
    code = "flood(grid, 3, 3, (i) => { grid.labels[i] = 0; drawn[i]++; }); return drawn"
    assert set(run(code)) == {1}


@pytest.mark.browser
def test_a_polygon_holds_the_pixels_whose_centres_it_holds(run) -> None:
    corners = [[3.2, 4.1], [35.7, 2.2], [28.4, 26.9], [18.1, 11.3], [6.6, 27.4]]  # not convex
    drawn = run("fillPolygon(grid, corners, put); return drawn", corners=corners)
    x, y = centres()
    inside = np.zeros((HEIGHT, WIDTH), bool)
    for (xa, ya), (xb, yb) in zip(corners, corners[1:] + corners[:1], strict=True):
        crosses = ((ya > y) != (yb > y)) & (x < xa + (y - ya) / (yb - ya) * (xb - xa))
        inside ^= crosses
    assert np.array_equal(np.array(drawn).reshape(HEIGHT, WIDTH), inside.astype(int))


@pytest.mark.browser
def test_a_polygon_may_reach_outside(run) -> None:
    corners = [[-10, -10], [90, -10], [90, 90], [-10, 90]]
    assert set(run("fillPolygon(grid, corners, put); return drawn", corners=corners)) == {1}


@pytest.mark.browser
def test_the_next_object_gets_the_first_free_number(run) -> None:
    taken = "grid.instances.set([8000, 8001, 8003, 5000]);"
    assert run(f"{taken} return freeInstance(grid, 8)") == 8002
    assert run(f"{taken} return freeInstance(grid, 9)") == 9000
    full = "for (let k = 0; k < 1000; k++) grid.instances[k] = 8000 + k;"
    assert run(f"{full} return freeInstance(grid, 8)") == 8999


def test_the_painter_knows_the_classes_and_takes_no_prop_for_an_event() -> None:
    known = domain(STREETS)
    assert [entry["name"] for entry in known["classes"]] == list(STREETS.names)
    component = painter(STREETS, (64, 32))
    assert type(component).__name__ == "HTML"  # a subclass would write a .pyi beside its source
    for name in ("classes", "blank", "countable"):
        assert not hasattr(component, name)
    assert callable(component.input) and callable(component.pick)
