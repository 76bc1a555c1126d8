"""What an error says to whoever has to do with it."""


def sentence(error: Exception) -> str:
    """The one line of an error: without the quotes that KeyError puts around its message, and
    without the number of the system's own errors, which name their file first."""
    said: object = error
    if isinstance(error, KeyError) and error.args:
        said = error.args[0]
    elif isinstance(error, OSError) and error.strerror and error.filename is not None:
        said = f"{error.filename}: {error.strerror}."
    return " ".join(str(said).split())
