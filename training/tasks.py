"""Task name of a config → the class that trains it."""

from __future__ import annotations

from training.adain import AdaINTask
from training.config import Config
from training.crn import CRNTask
from training.decoder import DecoderTask
from training.distill import DistillTask
from training.loop import Task
from training.pix2pix import Pix2PixTask
from training.segmenter import SegmenterTask
from training.start import start_from
from training.synthesis import SynthesisTask
from training.transfer import TransferTask

BUILDERS = {
    "synthesis": SynthesisTask,
    "transfer": TransferTask,
    "segmenter": SegmenterTask,
    "pix2pix": Pix2PixTask,
    "crn": CRNTask,
    "distill": DistillTask,
    "decoder": DecoderTask,
    "adain": AdaINTask,
}


def build_task(config: Config, *, begun: bool = False) -> Task:
    """The task of a config, its networks initialised at random or from the checkpoint `start`.

    `begun`: a state with all weights follows, so `start`, which may be gone, is not needed.
    """
    task = BUILDERS[config.task](config)
    if config.start and not begun:
        # The discriminator is a network alone: nobody draws with its average.
        start_from(config.start, task.averaged, optional=task.networks)
    return task
