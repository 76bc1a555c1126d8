"""Memory that the C library keeps instead of handing it back to the system."""

import ctypes

KEPT = 256 << 20  # bytes
LARGEST = 32 << 20  # bytes; glibc takes no more
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # of glibc's malloc.h


def keep_freed_memory() -> None:
    """Lets glibc keep up to `KEPT` bytes of freed blocks, none larger than `LARGEST`.

    For processes of our own, before they draw or learn. As it comes, glibc returns what a layer
    frees and asks for as much for the next, and the system clears every page of it: a tenth of the
    time that `linear-fast` takes for 512x512 on a processor, and of a training step on sixteen
    windows. Larger blocks go back, as before, so what a picture in tiles needs at most hardly
    changes. Other C libraries are left alone.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, TypeError, AttributeError):  # Windows, macOS, musl
        return
    mallopt(_MMAP_THRESHOLD, LARGEST)
    mallopt(_TRIM_THRESHOLD, KEPT)
