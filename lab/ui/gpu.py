"""One decorator for heavy handlers: the GPU of a Hugging Face ZeroGPU Space, nothing elsewhere."""

from collections.abc import Callable
from typing import TypeVar

try:  # before anything initialises CUDA: the package refuses to be imported later
    import spaces
except ImportError:
    spaces = None

Function = TypeVar("Function", bound=Callable)

# Every heavy event shares one lane, so visitors queue for the device instead of sharing its memory.
LANE = {"concurrency_id": "gpu", "concurrency_limit": 1}
# Of what is asked for while a handler is at work, the last comes next; Gradio would drop it.
LAST = {"trigger_mode": "always_last"}

# Work of minutes has a lane of its own, or everybody's strokes and sliders would wait behind it.
LONG_LANE = {"concurrency_id": "long", "concurrency_limit": 1}
# Seconds asked of ZeroGPU: what is asked for, not what is used, must be left of a visitor's day,
# which is two minutes where nobody has signed in.
USUAL, LONG = 15, 60


def gpu(function: Function, *, seconds: int = USUAL) -> Function:
    """`function`, run where the GPU is: on ZeroGPU in a forked worker, elsewhere unchanged.

    `seconds`: how long it may take there.

    Decorate after binding the lab (`gpu(partial(paint, lab))`): the worker receives its arguments
    pickled, and only a visitor's values are small enough for that.
    """
    return function if spaces is None else spaces.GPU(function, duration=seconds)
