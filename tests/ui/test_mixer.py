"""The mixing pad: what it sends is checked, and its corners are the styles there are."""

import pytest

from lab.ui.mixer import FOLDER, corners, mixer, weights_of


def test_the_corners_are_the_filled_slots() -> None:
    assert corners(["a", None, "c", None]) == [{"slot": 0, "path": "a"}, {"slot": 2, "path": "c"}]


def test_weights_arrive_as_they_were_sent() -> None:
    assert weights_of({"weights": [0, 0.25, 0.75, 0]}, 4) == [0, 0.25, 0.75, 0]


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {"weights": None},
        {"weights": [1, 0, 0]},
        {"weights": [1, 0, 0, -0.1]},
        {"weights": [1, 0, 0, 2]},
        {"weights": [True, 0, 0, 0]},
        {"weights": ["1", 0, 0, 0]},
        {"weights": [float("nan"), 0, 0, 0]},
    ],
)
def test_what_no_pad_sends_is_refused(value) -> None:
    with pytest.raises(ValueError, match="weights"):
        weights_of(value, 4)


@pytest.mark.browser
@pytest.mark.parametrize("count", [2, 3, 4])
def test_the_shares_sum_to_one_and_a_corner_is_its_style_alone(chromium, count: int) -> None:
    page = chromium.new_page()
    page.set_content((FOLDER / "mixer.html").read_text(encoding="utf-8"))
    shown = [{"slot": slot, "path": "x.png"} for slot in range(count)]
    found = page.evaluate(
        """([source, shown]) => {
          const sent = [], props = {corners: shown, weights: [1, 1, 1, 1]};
          const run = new Function('element', 'props', 'trigger', 'watch',
            source + ';return {sharesAt, placeOf, places: () => places, move}');
          const pad = run(document.body, props, (name) => sent.push([name, props.value]), () => 0);
          pad.move([.3, .6]);
          const alone = pad.places().map(pad.sharesAt), some = pad.sharesAt([.4, .5]);
          return {alone, some, back: pad.sharesAt(pad.placeOf(some)), sent};
        }""",
        [(FOLDER / "mixer.js").read_text(encoding="utf-8"), shown],
    )
    page.close()
    for slot, shares in enumerate(found["alone"]):
        assert shares == pytest.approx([float(slot == k) for k in range(count)], abs=1e-9)
    assert sum(found["some"]) == pytest.approx(1) and min(found["some"]) >= 0
    assert found["back"] == pytest.approx(found["some"])
    ((name, value),) = found["sent"]
    assert name == "input" and sum(weights_of(value, 4)) == pytest.approx(1, abs=2e-3)
    assert value["weights"][count:] == [0] * (4 - count)


SAID = "Style 1 {} % · Style 2 {} % · Style 3 {} % · Style 4 {} %"


@pytest.mark.browser
@pytest.mark.parametrize("by_sliders", [False, True], ids=["Python", "the sliders"])
def test_the_pad_says_the_shares_that_are_drawn(chromium, by_sliders: bool) -> None:
    """Also those that no place on the square has; a knob that is moved says its place's."""
    page = chromium.new_page()
    page.set_content((FOLDER / "mixer.html").read_text(encoding="utf-8"))
    before, after = page.evaluate(
        """([source, corners, bySliders]) => {
          const props = {corners, weights: bySliders ? [1, 1, 1, 1] : [1, 0, 0, 1]};
          const code = source + ';return {move}';
          const run = new Function('element', 'props', 'trigger', 'watch', code);
          const pad = run(document.body, props, () => 0, () => 0);
          if (bySliders) dispatchEvent(new CustomEvent('atelier-shares', {detail: [1, 0, 0, 1]}));
          const said = () => [document.querySelector('.shares').textContent,
            document.querySelector('.knob').getAttribute('aria-valuetext'),
            document.querySelector('.knob').getAttribute('aria-valuenow')];
          const before = said();
          pad.move([.5, 1]);
          return [before, said()];
        }""",
        [
            (FOLDER / "mixer.js").read_text(encoding="utf-8"),
            [{"slot": slot, "path": "x.png"} for slot in range(4)],
            by_sliders,
        ],
    )
    page.close()
    assert before == [SAID.format(50, 0, 0, 50)] * 2 + ["50"]
    assert after == [SAID.format(0, 0, 50, 50)] * 2 + ["0"]


@pytest.mark.browser
def test_nothing_of_all_is_said_and_lies_in_the_middle(chromium) -> None:
    page = chromium.new_page()
    page.set_content((FOLDER / "mixer.html").read_text(encoding="utf-8"))
    said, at = page.evaluate(
        """([source, corners]) => {
          const props = {corners, weights: [0, 0, 0, 0]};
          const run = new Function('element', 'props', 'trigger', 'watch', source);
          run(document.body, props, () => 0, () => 0);
          const knob = document.querySelector('.knob');
          return [document.querySelector('.shares').textContent,
            ['cx', 'cy'].map((name) => +knob.getAttribute(name))];
        }""",
        [
            (FOLDER / "mixer.js").read_text(encoding="utf-8"),
            [{"slot": slot, "path": "x.png"} for slot in range(4)],
        ],
    )
    page.close()
    assert said == SAID.format(0, 0, 0, 0)
    assert at == [100, 100]


def test_the_pad_is_a_plain_component() -> None:
    assert type(mixer()).__name__ == "HTML"
