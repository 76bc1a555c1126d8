"""What a street is made of: its looks, its objects, its plan in metres.

World axes: x to the right (0 = middle of the road), y up (0 = ground), z away from the camera at 0.
"""

from dataclasses import dataclass, field

PAINTS = ("red", "blue", "white", "black", "silver", "yellow", "green")
CLOTHES = ("red", "blue", "green", "yellow", "black", "white")
LOOKS: dict[str, tuple[str, ...]] = {
    "sky": ("clear", "cloudy", "sunset", "overcast"),
    "building": ("brick", "plaster", "glass", "stone"),
    "pole": ("steel", "black", "green"),
    "road": ("asphalt", "cobblestone", "wet", "brick"),
    "pavement": ("slabs", "concrete", "brick"),
    "tree": ("spring", "summer", "autumn", "winter"),
    "sign": ("stop", "limit", "warning", "parking", "direction"),
    "fence": ("wood", "metal", "hedge"),
    "car": PAINTS,
    "pedestrian": CLOTHES,
    "bicyclist": CLOTHES,
}


@dataclass(frozen=True)
class Thing:
    """One object on the ground.

    Attributes:
        kind: its class in the `streets` label space.
        number: k, for the k-th object of its class.
        look: one of `LOOKS[kind]`.
        x, z: its place in metres; of walls and fences the end that is nearer to the camera.
        params: sizes in metres, angles in radians, random numbers; what its class needs.
    """

    kind: str
    number: int
    look: str
    x: float
    z: float
    params: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """A whole street, lengths in metres.

    Attributes:
        seed: where it came from.
        view: camera (vanishing point and horizon as shares of the picture, focal length in
            heights of a 2:1 picture, height and x) and direction of the sun.
        road: half the width of the road.
        walk: width of each pavement.
        junction: where a side road begins and ends, or None.
        marks: the paint on the road: a crosswalk's place (or -1), the kind of lane, dash length.
        looks: of sky, road and pavement.
        behind: what stands on the building line and behind it, far to near.
        front: what stands between the buildings, far to near.
    """

    seed: int
    view: dict[str, float]
    road: float
    walk: float
    junction: tuple[float, float] | None
    marks: dict[str, float]
    looks: dict[str, str]
    behind: tuple[Thing, ...]
    front: tuple[Thing, ...]

    @property
    def facade(self) -> float:
        """Distance of the building line from the middle of the road."""
        return self.road + self.walk
