"""Streets whose facades follow from their layout, for a generator to learn windows from.

No label map says where a house of the town has its windows: storeys and bays are drawn by lot, and
what is drawn by lot is averaged away by every loss that compares pixel by pixel. Here all houses
share the lattice that `lab.data.parts` reads off a layout, so that windows can be learned like
edges; the paint on their roads is what it reads, too (`lab.data.town.render`). Layouts, looks and
all else are those of the same street as it is.
"""

from collections.abc import Mapping
from dataclasses import replace

from lab.data.parts.facades import BAY, GROUND_FLOOR, STOREY
from lab.data.town.layout import Plan, Thing

_SHOPS = ("brick", "plaster")  # looks whose ground floors are shops
_TINTS = 8  # of the building's random number, which all else about a facade follows from, so many


def regular(street: Plan) -> Plan:
    """The same street with the facades of its houses on one lattice, the eye's height its unit."""
    behind = (
        _aligned(thing, street.view) if thing.kind == "building" else thing
        for thing in street.behind
    )
    return replace(street, behind=tuple(behind))


def _aligned(house: Thing, view: Mapping[str, float]) -> Thing:
    p, eye = house.params, view["height"]
    along, across = BAY * view["focal"] * eye, BAY * eye
    top = p["ground"] + p["floors"] * p["floor"]
    ground, floor = GROUND_FLOOR * eye, STOREY * eye
    facade = {
        "ground": ground,
        "floor": floor,
        "floors": (top - ground) / floor,  # not whole: what is left over is bare wall
        "bay": along,
        "start": house.z % along,
        "bay_across": across,
        "start_across": (house.x - view["x"]) % across,
        "shop": float(house.look in _SHOPS),
        "seed": float(int(p["seed"]) % _TINTS),
    }
    return replace(house, params={**p, **facade})
