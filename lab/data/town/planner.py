"""Draws the plan of a street from its seed: what stands where, how large, in which look."""

import numpy as np

from lab.data.town.layout import LOOKS, Plan, Thing

_FAR = {"buildings": 150.0, "furniture": 95.0, "parked": 80.0, "driving": 110.0}  # metres
_HALF = {"car": (1.05, 2.5), "bicyclist": (0.5, 1.1), "pedestrian": (0.4, 0.4)}  # metres, x and z
_THIN = (0.15, 0.15)
_FIXED = ("sign", "pole", "tree")


class _Planner:
    """Draws lots in a fixed order and keeps what they decided."""

    def __init__(self, seed: int):
        self.rng = np.random.default_rng([0x70, seed])
        self.counts: dict[str, int] = {}
        self.behind: list[Thing] = []
        self.front: list[Thing] = []
        self.road = self.uniform(3.6, 6.5)
        self.walk = self.uniform(2.4, 4.6)
        self.season = self.pick("tree")
        start = self.uniform(14, 34)
        self.junction = (start, start + self.uniform(8, 11)) if self.chance(0.4) else None

    def uniform(self, low: float, high: float) -> float:
        return float(self.rng.uniform(low, high))

    def chance(self, share: float) -> bool:
        return bool(self.rng.random() < share)

    def either(self) -> float:
        """-1 or 1: left or right."""
        return float(self.rng.choice([-1, 1]))

    def pick(self, kind: str) -> str:
        return str(self.rng.choice(LOOKS[kind]))

    def add(
        self,
        place: list[Thing],
        kind: str,
        at: tuple[float, float],
        *,
        look: str | None = None,
        **params: float,
    ) -> None:
        look = look or self.pick(kind)
        number = self.counts.get(kind, 0)
        self.counts[kind] = number + 1
        params["seed"] = float(self.rng.integers(1 << 20))
        place.append(Thing(kind, number, look, at[0], at[1], params))

    def crosses(self, z: float, margin: float) -> bool:
        """Whether the side road is within `margin` of z."""
        if self.junction is None:
            return False
        return self.junction[0] - margin < z < self.junction[1] + margin

    def buildings(self, side: int) -> None:
        """A row of houses with some gardens between them; the side road stays free."""
        z = self.uniform(-9, 1)
        while z < _FAR["buildings"]:
            length = self.uniform(9, 20)
            if self.junction and z < self.junction[1] and z + length > self.junction[0]:
                room = self.junction[0] - z
                if room > 5:
                    self.building(side, z, room - 0.5)
                z = self.junction[1] + 0.5
                continue
            if z > 7 and self.chance(0.16):
                length = self.uniform(7, 12)
                self.garden(side, (z, z + length))
            else:
                self.building(side, z, length)
            z += length

    def building(self, side: int, z: float, length: float) -> None:
        setback = float(self.rng.choice([0, 0, 0.3, 0.6, 1.2]))
        self.add(
            self.behind,
            "building",
            (side * (self.road + self.walk + setback), z),
            length=length,
            ground=self.uniform(3.3, 4.4),
            floor=self.uniform(2.9, 3.5),
            floors=float(self.rng.integers(1, 6)) + (2.0 if self.chance(0.15) else 0.0),
            bay=self.uniform(2.0, 3.4),
            roof=float(self.rng.integers(0, 3)),
            shop=float(self.chance(0.5)),
        )

    def far_end(self) -> None:
        """The building that closes the street."""
        self.add(
            self.behind,
            "building",
            (self.uniform(-30, 0), 165.0),
            length=26.0,
            ground=4.0,
            floor=3.2,
            floors=float(self.rng.integers(3, 7)),
            bay=3.0,
            roof=0.0,
            shop=0.0,
            across=1.0,
        )

    def garden(self, side: int, span: tuple[float, float]) -> None:
        line = self.road + self.walk
        self.add(self.behind, "fence", (side * (line + 0.1), span[0]), length=span[1] - span[0])
        for _ in range(int(self.rng.integers(1, 3))):
            at = (side * (line + self.uniform(2.5, 5)), self.uniform(span[0] + 2, span[1] - 1))
            self.tree(self.behind, at)

    def tree(self, place: list[Thing], at: tuple[float, float]) -> None:
        """A tree, half of the time in the street's season."""
        height = self.uniform(5.5, 9.5)
        look = self.season if self.chance(0.5) else self.pick("tree")
        mask, crown = float(self.rng.integers(8)), height * self.uniform(0.28, 0.38)
        self.add(place, "tree", at, look=look, height=height, mask=mask, crown=crown)

    def furniture(self, side: int) -> None:
        """Lamp posts with trees between them, and traffic signs on posts of their own."""
        kerb = side * (self.road + 0.55)
        every, trees = self.uniform(13, 22), self.chance(0.75)
        z = self.uniform(5, 10)
        while z < _FAR["furniture"]:
            if not self.crosses(z, 1):
                height = self.uniform(5.2, 6.8)
                self.add(self.front, "pole", (kerb, z), height=height, side=float(side))
            if trees and self.chance(0.75) and not self.crosses(z + every / 2, 2):
                at = (kerb + side * 0.25, z + every / 2 + self.uniform(-1.5, 1.5))
                self.tree(self.front, at)
            z += every
        for _ in range(int(self.rng.integers(1, 4))):
            z = self.uniform(6, 45)
            if not self.crosses(z, 0.5):
                height = self.uniform(2.3, 2.9)
                self.add(self.front, "pole", (kerb, z), height=height, side=0.0)
                self.add(self.front, "sign", (kerb, z - 0.05), height=height)

    def cars(self, side: int) -> None:
        """Parked cars where the road is wide enough, cars in their lane; traffic keeps right."""
        wide, away = self.road > 4.6, 0.0 if side > 0 else np.pi
        z = self.uniform(4.5, 9)
        while z < _FAR["parked"]:
            if wide and self.chance(0.72) and not self.crosses(z, 5):
                turn = 0.0 if self.chance(0.8) else np.pi
                self.car((side * (self.road - 1.12), z), away + turn + self.uniform(-0.03, 0.03))
            z += self.uniform(5.4, 7.5)
        lane = side * (self.road - 2.3 if wide else self.road) * 0.45
        z = self.uniform(7, 16) if side > 0 else self.uniform(9, 22)
        while z < _FAR["driving"]:
            if self.chance(0.6):
                self.car((lane + self.uniform(-0.2, 0.2), z), away)
            z += self.uniform(9, 26)

    def car(self, at: tuple[float, float], yaw: float) -> None:
        model, scale = float(self.rng.integers(4)), self.uniform(0.95, 1.06)
        self.add(self.front, "car", at, yaw=float(yaw), model=model, scale=scale)

    def people(self) -> None:
        """Walkers, most of them on the pavement, cyclists, and a car on the side road."""
        for _ in range(int(self.rng.integers(3, 13))):
            side, z = self.either(), 4.5 + 40 * self.uniform(0, 1) ** 1.6
            x = side * (self.road + self.uniform(0.8, self.walk - 0.5))
            if self.chance(0.12):
                x = self.uniform(-self.road, self.road)
            height, phase = self.uniform(1.55, 1.9), self.uniform(0, 6.28)
            yaw = float(self.rng.choice([0, np.pi])) + self.uniform(-0.6, 0.6)
            self.add(self.front, "pedestrian", (x, z), height=height, phase=phase, yaw=yaw)
        for _ in range(int(self.rng.integers(0, 4))):
            side = self.either()
            at = (side * self.road * self.uniform(0.12, 0.6), self.uniform(6, 28))
            yaw = (0.0 if side > 0 else np.pi) + (np.pi / 2 if self.chance(0.25) else 0.0)
            yaw, phase = yaw + self.uniform(-0.25, 0.25), self.uniform(0, 6.28)
            self.add(self.front, "bicyclist", at, yaw=yaw, phase=phase)
        if self.junction and self.chance(0.6):
            at = (self.uniform(-12, 12), sum(self.junction) / 2 + self.uniform(-1.5, 1.5))
            self.car(at, np.pi / 2 * self.either())

    def clear(self) -> None:
        """Drops cars, cyclists and walkers that would stand inside something placed earlier."""
        kept: list[Thing] = []
        for thing in self.front:
            half = _HALF.get(thing.kind, _THIN)
            if thing.kind == "car" and abs(np.sin(thing.params["yaw"])) > 0.7:
                half = half[::-1]
            boxes = [(k, _HALF.get(k.kind, _THIN)) for k in kept]
            clash = any(
                abs(thing.x - k.x) < half[0] + b[0] and abs(thing.z - k.z) < half[1] + b[1]
                for k, b in boxes
            )
            if thing.kind in _FIXED or not clash:
                kept.append(thing)
        self.front = kept

    def view(self) -> dict[str, float]:
        return {
            "vanish": self.uniform(0.38, 0.62),
            "horizon": self.uniform(0.44, 0.56),
            "focal": self.uniform(0.85, 1.25),
            "height": self.uniform(1.35, 2.4),
            "x": self.uniform(-0.25, 0.5) * self.road * 0.8,
            "sun": self.uniform(0.5, 1.1) * self.either(),
            "sun_height": self.uniform(0.0, 1.0),
            "sun_depth": self.uniform(-0.8, 0.5),
        }

    def marks(self) -> dict[str, float]:
        return {
            "crosswalk": self.uniform(7, 14) if self.chance(0.35) else -1.0,
            "lane": float(self.rng.integers(3)),
            "dash": self.uniform(2.5, 4),
        }


def plan(seed: int) -> Plan:
    """Draws the plan of street number `seed`; the same number gives the same street.

    Raises:
        ValueError: a negative seed.
    """
    if seed < 0:
        raise ValueError(f"A town seed must be 0 or more, got {seed}; pick a natural number.")
    planner = _Planner(seed)
    view = planner.view()
    looks = {kind: planner.pick(kind) for kind in ("sky", "road", "pavement")}
    marks = planner.marks()
    for side in (-1, 1):
        planner.buildings(side)
    planner.far_end()
    for side in (-1, 1):
        planner.cars(side)
        planner.furniture(side)
    planner.people()
    planner.clear()
    return Plan(
        seed=seed,
        view=view,
        road=planner.road,
        walk=planner.walk,
        junction=planner.junction,
        marks=marks,
        looks=looks,
        behind=tuple(sorted(planner.behind, key=lambda t: -t.z)),
        front=tuple(sorted(planner.front, key=lambda t: -t.z)),
    )
