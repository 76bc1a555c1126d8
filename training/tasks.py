"""Task name of a config → the class that trains it."""

from __future__ import annotations

from training.config import Config
from training.loop import Task
from training.synthesis import SynthesisTask
from training.transfer import TransferTask

BUILDERS = {"synthesis": SynthesisTask, "transfer": TransferTask}


def build_task(config: Config) -> Task:
    """The task of a config, with freshly initialised networks."""
    return BUILDERS[config.task](config)
