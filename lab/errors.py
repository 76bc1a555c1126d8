"""What an error says to whoever has to do with it."""


def sentence(error: Exception) -> str:
    """The one line of an error, without the quotes that KeyError puts around its message."""
    said = error.args[0] if isinstance(error, KeyError) and error.args else error
    return " ".join(str(said).split())
