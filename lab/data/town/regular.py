"""Streets whose facades and trees follow from what is told, to learn windows and leaves from.

No label map says where a house of the town has its windows: storeys and bays are drawn by lot, and
what is drawn by lot is averaged away by every loss that compares pixel by pixel. Here all houses
share the lattice that `lab.data.parts` reads off a layout, so that windows can be learned like
edges; the paint on their roads is what it reads, too (`lab.data.town.render`), and leaves follow
the noise it tells (`lab.data.parts.foliage`). Layouts, looks and all else are those of the same
street as it is.
"""

from collections.abc import Mapping
from dataclasses import replace

from lab.data.parts.facades import BAY, GROUND_FLOOR, STOREY
from lab.data.town.layout import Plan, Thing

_SHOPS = ("brick", "plaster")  # looks whose ground floors are shops
_TINTS = 8  # of the building's random number, which all else about a facade follows from, so many


def regular(street: Plan) -> Plan:
    """The same street with the facades of its houses on one lattice, the eye's height its unit, and
    with trees whose leaves follow the noise that is told of them."""
    behind, front = (
        tuple(_followed(thing, street.view) for thing in things)
        for things in (street.behind, street.front)
    )
    return replace(street, behind=behind, front=front)


def _followed(thing: Thing, view: Mapping[str, float]) -> Thing:
    if thing.kind == "tree":
        return replace(thing, params={**thing.params, "told": 1.0})
    return _aligned(thing, view) if thing.kind == "building" else thing


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
