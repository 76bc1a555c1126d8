"""Where drawn pictures lie: files named after what they were made of, drawn once, swept away.

The folder is inside Gradio's own cache, which serves its files as they are, recipe and all.
"""

import hashlib
import json
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradio.utils import get_upload_folder
from PIL import Image
from torch import Tensor

from lab import images
from lab.files import write_bytes

# What every visitor sees first comes with the lab, see `lab.ui.first_pictures`.
SHIPPED = Path(__file__).parent.parent / "assets" / "first"
AGE = 3600  # seconds a file is kept after it was last asked for
MOST = 2000  # files kept at most
EVERY = 600  # seconds between sweeps where nobody draws
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Drawn:
    """A picture that was drawn: its file, the seconds it took (0 where it was there already)."""

    path: str
    seconds: float


def keep(
    recipe: Mapping[str, Any],
    draw: Callable[[], Tensor],
    *,
    measured: bool = False,
    alpha: Image.Image | None = None,
) -> Drawn:
    """The PNG made by `recipe`; `draw` is called only where it is not there yet.

    `measured` draws in any case, to learn how long it takes; `alpha` is how opaque it is.
    """
    path = _folder() / name_of(recipe, ".png")
    if not measured and _is_kept(path):
        return Drawn(str(path), 0.0)
    start = time.perf_counter()
    picture = draw().cpu()  # waits for the device, so the clock below has seen all of the work
    seconds = time.perf_counter() - start
    if not _is_kept(path):  # measured only: never replaced while a browser may be reading it
        images.save_picture(path, picture, recipe, alpha=alpha)
    return Drawn(str(path), seconds)


def name_of(recipe: Mapping[str, Any], suffix: str) -> str:
    """The name of the file made by `recipe`."""
    # A slider at its end sends 1 where a program sends 1.0: that is one picture, not two.
    plain = json.loads(json.dumps(recipe), parse_float=_number)
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"))
    key = hashlib.sha256(text.encode()).hexdigest()[:16]
    return f"atelier-{recipe['checkpoint']['name']}-{key}{suffix}"


def _number(text: str) -> int | float:
    value = float(text)
    return int(value) if value.is_integer() else value


def keep_file(name: str, write: Callable[[Path], Any], *, anew: bool = False) -> str:
    """The path of the file called `name`; `write` makes it, whole or not at all, where it is not
    there yet, or `anew` in any case."""
    path = _folder() / name
    if not _is_kept(path) or anew:
        write(path)
    return str(path)


def keep_image(name: str, make: Callable[[], Image.Image]) -> str:
    """The path of the PNG called `name`, RGB or RGBA, made where it is not there yet.

    Images handed to Gradio itself are written again each time, even while a browser reads them.
    """
    path = _folder() / f"{name}.png"
    if not _is_kept(path):
        image = make()
        alpha = image.getchannel("A") if image.mode == "RGBA" else None
        images.save_picture(path, images.to_tensor(image), alpha=alpha)
    return str(path)


def named_by(name: str, content: str, suffix: str) -> str:
    """A file's name with the digest of `content`, which is all that decides what is in the file."""
    return f"{name}-{hashlib.sha256(content.encode()).hexdigest()[:16]}{suffix}"


def still_kept(path: str) -> str:
    """The path of a file that was kept for a visitor, who asks for it and so keeps it longer.

    Raises:
        FileNotFoundError: nobody asked for it in `AGE` seconds, and it was swept away.
    """
    if not _is_kept(Path(path)):
        raise FileNotFoundError("This picture has been deleted; draw or choose it again.")
    return path


def keep_view(path: str, view: str, make: Callable[[Image.Image], Image.Image]) -> str:
    """The path of what `make` makes of the picture at `path`: a cut, an enlargement.

    The view's name becomes part of the file's and, beside the picture's own, of the recipe.

    Raises:
        FileNotFoundError: the picture was swept away.
    """
    target = _view_of(path, view)
    if not _is_kept(target):
        recipe = {**(images.read_recipe(still_kept(path)) or {}), "view": view}
        with Image.open(path) as picture:
            made = make(picture.convert("RGB"))
        images.save_picture(target, images.to_tensor(made), recipe)
    return str(target)


def keep_sheet(path: str, view: str, make: Callable[[], tuple[Tensor, str]]) -> tuple[str, str]:
    """As `keep_view`, of what networks make of the picture: (3, h, w) and a line about it, which
    the file keeps in its recipe. Returns the path and the line."""
    target = _view_of(path, view)
    if not _is_kept(target):
        still_kept(path)
        picture, said = make()
        recipe = {**(images.read_recipe(path) or {}), "view": view, "said": said}
        images.save_picture(target, picture, recipe)
    return str(target), (images.read_recipe(target) or {}).get("said", "")


def _view_of(path: str, view: str) -> Path:
    return Path(path).with_name(f"{Path(path).stem}-{view}.png")


def keep_cut(path: str, box: tuple[int, int, int, int]) -> str:
    """The path of the part of a picture inside (left, top, right, bottom)."""
    return keep_view(path, "-".join(map(str, box)), lambda picture: picture.crop(box))


def sweep(folder: Path, *, age: float = AGE, most: int = MOST) -> None:
    """Removes files not asked for in `age` seconds, and the oldest where more than `most`."""
    dated = []
    for path in folder.glob("[!.]*"):  # those with a dot are still being written
        try:
            dated.append((path.stat().st_mtime, path))
        except FileNotFoundError:  # another visitor's sweep was quicker
            continue
    dated.sort(reverse=True)
    for place, (asked, path) in enumerate(dated):
        # Somebody may have asked for it since.
        if place >= most or (asked < time.time() - age and _still_old(path, asked)):
            path.unlink(missing_ok=True)


def _still_old(path: Path, asked: float) -> bool:
    try:
        return path.stat().st_mtime == asked
    except FileNotFoundError:
        return False


@contextmanager
def sweeping(every: float = EVERY) -> Iterator[None]:
    """Sweeps at once and every so many seconds, also what was left by a run before this one.

    A visitor's pictures would else stay until somebody draws another.
    """
    over = threading.Event()

    def work() -> None:
        while True:
            try:
                sweep(_folder())
            except OSError:  # a full or missing disk may be well again next time
                _log.exception("The pictures that are too old could not be removed.")
            if over.wait(every):
                return

    thread = threading.Thread(target=work, name="sweeping", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def is_at_hand(recipe: Mapping[str, Any]) -> bool:
    """Whether the picture made by `recipe` is there already."""
    return _is_kept(_folder() / name_of(recipe, ".png"))


def file_at_hand(name: str) -> Path | None:
    """The path of the file called `name` where it is there, or comes with the lab."""
    path = _folder() / name
    return path if _is_kept(path) else None


def _is_kept(path: Path) -> bool:
    """Whether the picture is there; asking keeps it longer, room is made for one that is not."""
    try:
        os.utime(path)
    except FileNotFoundError:
        sweep(path.parent)
        return _take_shipped(path)
    return True


def _take_shipped(path: Path) -> bool:
    """Copies the picture to `path` where it is one of those that come with the lab."""
    try:
        write_bytes(path, (SHIPPED / path.name).read_bytes())
    except FileNotFoundError:
        return False
    return True


def _folder() -> Path:
    folder = Path(get_upload_folder()) / "atelier"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
