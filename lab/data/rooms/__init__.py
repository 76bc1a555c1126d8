"""Rooms drawn on demand: furnished by rules, lit by their windows and lamps, with exact ids.

`room` gives the ids of one, `scene` also its photo, `Rooms` is a dataset of them. No photograph is
behind them.
"""

from lab.data.rooms.dataset import Rooms
from lab.data.rooms.render import RoomScene, room, scene

__all__ = ["RoomScene", "Rooms", "room", "scene"]
