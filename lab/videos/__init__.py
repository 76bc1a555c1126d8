"""Video files on one side, frames as tensors in [0, 1] on the other; by PyAV."""
