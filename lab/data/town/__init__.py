"""`town`: procedural streets of any size with exact labels, instances and true looks."""

from lab.data.town.dataset import Town
from lab.data.town.layout import LOOKS
from lab.data.town.render import Ids, Scene, layout, looks, scene

__all__ = ["LOOKS", "Ids", "Scene", "Town", "layout", "looks", "scene"]
