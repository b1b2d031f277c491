"""The part of the page that shows faults in a picture which was dropped on it, and gives it back so."""

import re
from base64 import b64decode
from binascii import Error
from dataclasses import dataclass
from pathlib import PurePath

from flows.view.controls import Controls
from flows.view.drawing import Drawing, Extent
from flows.view.shelf import Shelf, Spot
from flows.view.work import Desk
from tasks.picture_page import (
    PictureFaults,
    PictureFiles,
    PictureShown,
    draw_picture,
    find_on_picture,
    show_picture,
)


@dataclass(frozen=True, slots=True)
class Dropped:
    """A picture's file."""

    name: str
    data: bytes


class PicturePanel:
    """Shows one picture at a time in the place of sections.

    Parameters
    ----------
    controls, drawing, shelf
        Of the page.
    desk
        The page's: what is asked for here takes the place of what was asked for sections, and the other way
        round.
    """

    def __init__(self, controls: Controls, drawing: Drawing, shelf: Shelf, desk: Desk) -> None:
        self.controls, self.drawing, self.spot, self.desk = controls, drawing, Spot(shelf), desk
        self.dropped: Dropped | None = None
        self.extent = Extent(0, 1, 0, 1)
        self.said = ""

    def take(self) -> bool:
        """Show the picture that the browser sent, then its faults; tell whether there is one."""
        widget = self.controls.picture
        if not widget.filename:
            return False
        name = PurePath(str(widget.filename).replace("\\", "/")).name or "the picture"
        try:
            data = b64decode(widget.value or "", validate=True)
        except Error:
            self.controls.say(f"{name}: it did not arrive whole; drop it again", "wrong")
            return False
        self.desk.clear()
        self.controls.offer({})
        self.spot.clear()
        self.dropped = Dropped(name, data)
        self.controls.say(f"Reading {name}", "busy")
        self.desk.ask(self._draw, show_picture, name, data)
        return True

    def forget(self) -> None:
        """Let sections have the place."""
        self.dropped = None
        self.spot.clear()

    def redraw(self) -> None:
        """Make the files anew, as threshold or opacity are others now."""
        if self.dropped is None:
            return
        self.desk.ask(
            self._offer,
            draw_picture,
            self.dropped.name,
            self.dropped.data,
            float(self.controls.threshold.value),
            float(self.controls.opacity.value),
        )

    def _draw(self, shown: PictureShown) -> None:
        if self.dropped is None:
            return
        rows, columns = shown.shape
        self.extent = Extent(0, columns, 0, rows)
        self.drawing.show_picture(shown.pixels, self.extent)
        name, data = self.dropped.name, self.dropped.data
        self.controls.say(f"{name}: finding faults", "busy")
        self.desk.ask(
            self._overlay,
            find_on_picture,
            name,
            data,
            progress=lambda done, total: self.controls.say(
                f"{name}: finding faults, {done} of {total} tiles", "busy"
            ),
        )

    def _overlay(self, found: PictureFaults) -> None:
        if self.dropped is None:
            return
        self.drawing.show_faults(found.levels, self.extent)
        notes = "".join(f"; {note}" for note in found.notes)
        self.said = f"{self.dropped.name}: largest probability {found.most:.2f}{notes}"
        self.controls.say(self.said, "done")
        self.redraw()

    def _offer(self, files: PictureFiles) -> None:
        if self.dropped is None:
            return
        stem = (
            re.sub(r"[^\w-]+", "_", PurePath(self.dropped.name).stem, flags=re.ASCII) or "picture"
        )
        made = {f"{stem}_faults.png": files.result, f"{stem}_probability.png": files.mask}
        words = ("Picture with faults", "Probability alone")
        self.controls.offer(dict(zip(self.spot.lay(made), words, strict=True)))
