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


def gpu(function: Function) -> Function:
    """`function`, run where the GPU is: on ZeroGPU in a forked worker, elsewhere unchanged.

    Decorate after binding the lab (`gpu(partial(paint, lab))`): the worker receives its arguments
    pickled, and only a visitor's values are small enough for that.
    """
    return function if spaces is None else spaces.GPU(function)
