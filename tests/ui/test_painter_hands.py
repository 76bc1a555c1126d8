"""Two hands at once: a palm beside the pen, keys while a stroke or an object is on its way."""

import pytest

from lab.data.streets import STREETS
from tests.ui.test_painter import stage
from tests.ui.test_painter_input import FINGERS
from tests.ui.test_painter_objects import CAR, done

__all__ = ["stage"]
pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.browser

CAR_ID = CAR * 1000
PEN = """
const pen = (kind, x, y, type = 'pen') => map.dispatchEvent(new PointerEvent(`pointer${kind}`, {
  clientX: box.left + x * scale, clientY: box.top + y * scale, pointerId: 9, pointerType: type,
  bubbles: true}));
"""


@pytest.mark.parametrize("kind", ["pen", "mouse"])
@pytest.mark.parametrize("end", ["up", "cancel"])
def test_the_hand_beside_the_pen_neither_draws_nor_ends_its_stroke(stage, kind, end) -> None:
    told = done(
        stage,
        FINGERS
        + PEN
        + """
        const drawn = (hand) => {
          pen('down', 20, 20, kind);
          pen('move', 40, 20, kind);
          if (hand) {
            for (const id of [1, 2]) finger(id, 'down', 200, 100);
            finger(1, 'move', 220, 110);
            for (const id of [1, 2]) finger(id, end, 220, 110);
          }
          pen('move', 60, 20, kind);
          pen('up', 60, 20, kind);
          const map = held();
          press('z', {ctrlKey: true});
          return map;
        };
        press('1', {code: 'Digit1'});
        const level = element.querySelector('.level').textContent;
        return {same: drawn(true) === drawn(false), level};
        """,
        kind=kind,
        end=end,
    )
    assert told == {"same": True, "level": "100 %"}
