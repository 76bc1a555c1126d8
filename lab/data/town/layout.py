"""What stands in a street: the plan of a scene in metres, drawn from its seed alone.

World axes: x to the right (0 = middle of the road), y up (0 = ground), z away from the camera (at z = 0).
"""

from dataclasses import dataclass, field

import numpy as np

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
    """One object: its class, number within the class, look, place on the ground and free parameters."""

    kind: str
    number: int
    look: str
    x: float
    z: float
    params: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """A whole street. Lengths in metres; `view` in units of the picture (see `canvas.Camera`)."""

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


class _Planner:
    def __init__(self, seed: int):
        self.rng = np.random.default_rng([0x70, seed])
        self.counts: dict[str, int] = {}
        self.behind: list[Thing] = []
        self.front: list[Thing] = []
        rng = self.rng
        self.road = float(rng.uniform(3.6, 6.5))
        self.walk = float(rng.uniform(2.4, 4.6))
        self.season = self.pick("tree")
        start = float(rng.uniform(14, 34))
        self.junction = (start, start + float(rng.uniform(8, 11))) if rng.random() < 0.4 else None

    def pick(self, kind: str) -> str:
        return str(self.rng.choice(LOOKS[kind]))

    def uniform(self, low: float, high: float) -> float:
        return float(self.rng.uniform(low, high))

    def add(self, place: list[Thing], kind: str, at: tuple[float, float], **params: float) -> None:
        look = str(params.pop("look", "")) or self.pick(kind)
        number = self.counts.get(kind, 0)
        self.counts[kind] = number + 1
        params["seed"] = float(self.rng.integers(1 << 20))
        place.append(Thing(kind, number, look, at[0], at[1], params))

    def crossing(self, z: float, margin: float = 0.0) -> bool:
        return self.junction is not None and (
            self.junction[0] - margin < z < self.junction[1] + margin
        )

    def tree_look(self) -> str:
        return self.season if self.rng.random() < 0.5 else self.pick("tree")

    def buildings(self, side: int) -> None:
        z, line = self.uniform(-9, 1), self.road + self.walk
        while z < 150:
            length = self.uniform(9, 20)
            inside = (
                self.junction is not None and z < self.junction[1] and z + length > self.junction[0]
            )
            if inside and self.junction is not None:
                room = self.junction[0] - z
                if room > 5:
                    self.building(side, z, room - 0.5)
                z = self.junction[1] + 0.5
                continue
            if z > 7 and self.rng.random() < 0.16:
                length = self.uniform(7, 12)
                self.garden(side, line, (z, z + length))
            else:
                self.building(side, z, length)
            z += length

    def building(self, side: int, z: float, length: float) -> None:
        self.add(
            self.behind,
            "building",
            (side * (self.road + self.walk + float(self.rng.choice([0, 0, 0.3, 0.6, 1.2]))), z),
            length=length,
            ground=self.uniform(3.3, 4.4),
            floor=self.uniform(2.9, 3.5),
            floors=float(self.rng.integers(1, 6)) + (2.0 if self.rng.random() < 0.15 else 0.0),
            bay=self.uniform(2.0, 3.4),
            roof=float(self.rng.integers(0, 3)),
            shop=float(self.rng.random() < 0.5),
        )

    def garden(self, side: int, line: float, span: tuple[float, float]) -> None:
        self.add(self.behind, "fence", (side * (line + 0.1), span[0]), length=span[1] - span[0])
        for _ in range(int(self.rng.integers(1, 3))):
            at = (side * (line + self.uniform(2.5, 5)), self.uniform(span[0] + 2, span[1] - 1))
            self.tree(self.behind, at)

    def tree(self, place: list[Thing], at: tuple[float, float]) -> None:
        height = self.uniform(5.5, 9.5)
        self.add(place, "tree", at, look=self.tree_look(), height=height, mask=float(self.rng.integers(8)),
                 crown=height * self.uniform(0.28, 0.38))  # fmt: skip

    def furniture(self, side: int) -> None:
        kerb = side * (self.road + 0.55)
        every, trees = self.uniform(13, 22), self.rng.random() < 0.75
        z = self.uniform(5, 10)
        while z < 95:
            if not self.crossing(z, 1):
                self.add(
                    self.front, "pole", (kerb, z), height=self.uniform(5.2, 6.8), side=float(side)
                )
            if trees and self.rng.random() < 0.75 and not self.crossing(z + every / 2, 2):
                self.tree(self.front, (kerb + side * 0.25, z + every / 2 + self.uniform(-1.5, 1.5)))
            z += every
        for _ in range(int(self.rng.integers(1, 4))):
            z = self.uniform(6, 45)
            if not self.crossing(z, 0.5):
                post = len(self.front)
                self.add(self.front, "pole", (kerb, z), height=self.uniform(2.3, 2.9), side=0.0)
                self.add(
                    self.front, "sign", (kerb, z - 0.05), height=self.front[post].params["height"]
                )

    def cars(self, side: int) -> None:
        room = self.road > 4.6
        z = self.uniform(4.5, 9)
        while z < 80:
            if room and self.rng.random() < 0.72 and not self.crossing(z, 5):
                turn = 0.0 if self.rng.random() < 0.8 else np.pi
                away = 0.0 if side > 0 else np.pi
                self.car((side * (self.road - 1.12), z), away + turn + self.uniform(-0.03, 0.03))
            z += self.uniform(5.4, 7.5)
        lane = side * (self.road - 2.3 if room else self.road) * 0.45
        z = self.uniform(7, 16) if side > 0 else self.uniform(9, 22)
        while z < 110:
            if self.rng.random() < 0.6:
                self.car((lane + self.uniform(-0.2, 0.2), z), 0.0 if side > 0 else np.pi)
            z += self.uniform(9, 26)

    def car(self, at: tuple[float, float], yaw: float) -> None:
        self.add(self.front, "car", at, yaw=float(yaw), model=float(self.rng.integers(4)),
                 scale=self.uniform(0.95, 1.06))  # fmt: skip

    def people(self) -> None:
        rng = self.rng
        for _ in range(int(rng.integers(3, 13))):
            side = float(rng.choice([-1, 1]))
            z = 4.5 + 40 * self.uniform(0, 1) ** 1.6
            x = side * (self.road + self.uniform(0.8, self.walk - 0.5))
            if rng.random() < 0.12:
                x = self.uniform(-self.road, self.road)
            self.add(self.front, "pedestrian", (x, z), height=self.uniform(1.55, 1.9),
                     phase=self.uniform(0, 6.28), yaw=float(rng.choice([0, np.pi])) + self.uniform(-0.6, 0.6))  # fmt: skip
        for _ in range(int(rng.integers(0, 4))):
            side = float(rng.choice([-1, 1]))
            at = (side * self.road * self.uniform(0.12, 0.6), self.uniform(6, 28))
            yaw = 0.0 if side > 0 else np.pi
            if rng.random() < 0.25:
                yaw += np.pi / 2
            self.add(self.front, "bicyclist", at, yaw=yaw + self.uniform(-0.25, 0.25),
                     phase=self.uniform(0, 6.28))  # fmt: skip
        if self.junction and rng.random() < 0.6:
            z = (self.junction[0] + self.junction[1]) / 2
            self.car(
                (self.uniform(-12, 12), z + self.uniform(-1.5, 1.5)),
                np.pi / 2 * float(rng.choice([-1, 1])),
            )

    def clear(self) -> None:
        """Drops driving cars, cyclists and walkers that would stand inside something placed earlier."""
        sizes = {"car": (1.05, 2.5), "bicyclist": (0.5, 1.1), "pedestrian": (0.4, 0.4)}
        kept: list[Thing] = []
        for thing in self.front:
            half = sizes.get(thing.kind, (0.15, 0.15))
            if thing.kind == "car" and abs(np.sin(thing.params["yaw"])) > 0.7:
                half = (2.5, 1.05)
            boxes = [(k, sizes.get(k.kind, (0.15, 0.15))) for k in kept]
            free = not any(
                abs(thing.x - k.x) < half[0] + b[0] and abs(thing.z - k.z) < half[1] + b[1]
                for k, b in boxes
            )
            if free or thing.kind in ("sign", "pole", "tree"):
                kept.append(thing)
        self.front = kept


def plan(seed: int) -> Plan:
    """Draws the plan of street number `seed` (any integer >= 0); the same number gives the same street."""
    if seed < 0:
        raise ValueError(f"A town seed must be 0 or more, got {seed}; pick a natural number.")
    planner = _Planner(seed)
    rng = planner.rng
    view = {
        "vanish": planner.uniform(0.38, 0.62),
        "horizon": planner.uniform(0.44, 0.56),
        "focal": planner.uniform(0.85, 1.25),
        "height": planner.uniform(1.35, 2.4),
        "x": planner.uniform(-0.25, 0.5) * planner.road * 0.8,
        "sun": planner.uniform(0.5, 1.1) * float(rng.choice([-1, 1])),
        "sun_height": planner.uniform(0.0, 1.0),
        "sun_depth": planner.uniform(-0.8, 0.5),
    }
    looks = {kind: planner.pick(kind) for kind in ("sky", "road", "pavement")}
    marks = {"crosswalk": planner.uniform(7, 14) if rng.random() < 0.35 else -1.0,
             "lane": float(rng.integers(3)), "dash": planner.uniform(2.5, 4)}  # fmt: skip
    for side in (-1, 1):
        planner.buildings(side)
    planner.add(planner.behind, "building", (planner.uniform(-30, 0), 165.0), length=26.0, ground=4.0,
                floor=3.2, floors=float(rng.integers(3, 7)), bay=3.0, roof=0.0, shop=0.0, across=1.0)  # fmt: skip
    for side in (-1, 1):
        planner.cars(side)
        planner.furniture(side)
    planner.people()
    planner.clear()
    return Plan(
        seed=seed, view=view, road=planner.road, walk=planner.walk, junction=planner.junction,
        marks=marks, looks=looks,
        behind=tuple(sorted(planner.behind, key=lambda t: -t.z)),
        front=tuple(sorted(planner.front, key=lambda t: -t.z)),
    )  # fmt: skip
