"""A page in a single file: the pictures are inside it, and it asks nobody for anything."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from lab.files import write_text
from lab.images import save_picture
from lab.scoring.page import Page, image
from lab.scoring.report import Report


class OneFile(Page):
    """The page of `Page`, its PNGs embedded, recipes and all."""

    opens = ""

    def _kept(self, column: str, picture: Tensor, recipe: Mapping[str, Any] | None) -> str:
        path = self.scratch / "picture.png"
        save_picture(path, picture, recipe)
        packed = base64.b64encode(path.read_bytes()).decode()
        return image(f"data:image/png;base64,{packed}", picture, column)

    def finish(self, report: Report) -> None:
        """Writes the page."""
        write_text(self.path, "\n".join(self._document(report)) + "\n")
