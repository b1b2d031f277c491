"""The page of wells: look at a plan and change it by hand, or choose a map and watch a search for one."""

import shutil
import tempfile
import time
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from bokeh.document import Document
from bokeh.events import ConnectionLost
from bokeh.models import CustomJS

from flows.settings.reading import SettingsError
from flows.view.browser import LOST
from flows.view.shelf import Shelf
from flows.view.wells_controls import WellsControls
from flows.view.wells_drawing import WellsDrawing
from flows.view.wells_edit import HandPanel
from flows.view.wells_run import Opened, asked_of, open_map, open_run
from flows.view.work import Desk, Workshop, in_one_line
from tasks.map_image import image_size, thinned
from tasks.map_target import is_plan
from tasks.refine import gap_between
from tasks.wells_layers import Layers, layers_of
from tasks.wells_search import Searched, search_plan

Action = Callable[[], None]


class WellsPage:
    """One open tab.

    Parameters
    ----------
    document
        What it is drawn on.
    workshop
        Who works for it: a search takes minutes, so nobody else.
    shelf
        Where it lays what can be downloaded.
    target
        Folder of a run, or a map; None: a map is chosen on the page.
    """

    def __init__(
        self, document: Document, workshop: Workshop, shelf: Shelf, target: Path | None
    ) -> None:
        self.controls, self.drawing = WellsControls(), WellsDrawing()
        self.desk = Desk(document, workshop, self._fail)
        self.hand = HandPanel(document, workshop, shelf, self.controls, self.drawing)
        self.opened: Opened | None = None
        self.course: list[tuple[float, float, float]] = []
        self.began = 0.0
        self.searches = 0
        self.shown_map = ""
        self.scratch = Path(
            tempfile.mkdtemp(prefix="graben-wells-")
        )  # uploads, and the word to go on
        self.going = self.scratch / "going-0"
        document.on_session_destroyed(self._leave)
        self._lay_out(document)
        self._start(target)

    def _lay_out(self, document: Document) -> None:
        controls, drawing, hand = self.controls, self.drawing, self.hand
        drawing.follow(controls.picture, controls.over)
        for model, name, action in (
            (controls.map, "value", self._choose_map),
            (controls.upload, "filename", self._take_upload),
            (controls.period, "value", hand.draw),
            (drawing.wells.selected, "indices", hand.choose),
            (drawing.moved, "data", hand.move),
        ):
            model.on_change(name, partial(self._changed, action))
        for button, action in (
            (controls.search, self._search),
            (controls.stop, self._stop),
            (controls.undo, hand.undo),
            (controls.save, hand.save),
        ):
            button.on_click(partial(self._safely, action))
        document.title = "Wells"
        document.add_root(controls.layout(drawing.map, drawing.plot))
        lost = CustomJS(args={"status": controls.status}, code=LOST)
        document.js_on_event(ConnectionLost, lost)

    def _changed(self, action: Action, attr: str, old: object, new: object) -> None:  # noqa: ARG002 - Bokeh's
        self._safely(action)

    def _safely(self, action: Action) -> None:
        """Do what a widget asks for; what goes wrong with it is a line on the page."""
        try:
            action()
        except Exception as error:  # the page lives on, whatever it is
            self._fail(in_one_line(error))

    def _start(self, target: Path | None) -> None:
        self.hand.drop()
        if target is None:
            self.controls.say("Name a map, or choose a file of yours, then place wells on it.")
            return
        self.controls.say(f"Opening {target}", "busy")
        if is_plan(target):
            self.desk.read(self._show, open_run, target.absolute())
        else:
            self.controls.map.value = str(target.absolute())  # which opens it

    def _choose_map(self) -> None:
        """Show the map that is named, unless it is there already."""
        name = self.controls.map.value.strip()
        if name and name != self.shown_map:
            self._end()
            self.hand.drop()
            self.desk.clear()
            self.controls.say(f"Reading {name}", "busy")
            self.controls.folder.value = str(Path.cwd() / f"{Path(name).stem}-wells")
            self.desk.read(self._show, open_map, self._given())

    def _take_upload(self) -> None:
        """Keep a map that somebody sent as long as the page is open, and show it."""
        name, content = Path(self.controls.upload.filename).name, self.controls.upload.value
        if name:
            path = self.scratch / name
            path.write_bytes(b64decode(content))
            self.shown_map = ""  # one of the same name may be another map
            if self.controls.map.value == str(path):
                self._choose_map()
            self.controls.map.value = str(path)

    def _show(self, opened: Opened) -> None:
        """Show what was opened: its map, and its plan where there is one."""
        passing = opened.settings.map[0].is_relative_to(self.scratch)
        opened = replace(opened, passing=passing)
        self._draw(opened, layers_of(opened.stated))
        self._fill(opened)
        self.course = list(opened.course)
        self.drawing.show_course(self.course)
        if opened.prices is not None:
            value_map = opened.stated.assignment.reservoir.value_map
            where = image_size(value_map.values.shape, value_map.cell_m)
            self.drawing.show_prices(thinned(opened.prices), where)
        self.hand.take(opened)
        if opened.positions_m is None:
            self.controls.say(f"{self.shown_map} is read; wells can be placed on it.", "done")

    def _draw(self, opened: Opened, layers: Layers) -> None:
        self.opened = opened
        self.drawing.show_map(layers)
        period = self.controls.period
        last = max(layers.periods - 1, 1)
        period.update(value=min(period.value, last), end=last, disabled=layers.periods == 1)

    def _fill(self, opened: Opened) -> None:
        """Let the form say what is asked."""
        controls, settings = self.controls, opened.settings
        more = f" and {len(settings.map) - 1} more" if len(settings.map) > 1 else ""
        self.shown_map = f"{settings.map[0]}{more}"
        controls.map.value = self.shown_map
        controls.wells.value, controls.radius.value = settings.wells, settings.radius
        controls.wells.disabled = controls.radius.disabled = settings.radii is not None
        controls.periods.value = settings.periods
        growth = settings.growth
        controls.growth.value = str(growth) if isinstance(growth, Path) else f"{growth:g}"
        out = settings.out.absolute()
        controls.folder.value = str(out if opened.ours else out.with_name(f"{out.name}-edited"))

    def _given(self) -> dict[str, Any]:
        """Return what the form asks, with all else as what is opened has it, if that is the same map."""
        controls, given = self.controls, {}
        name = controls.map.value.strip()
        if not name:
            msg = "Name a map, or choose a file of yours."
            raise SettingsError(msg)
        if self.opened is not None and name == self.shown_map:
            given = self.opened.settings.model_dump(exclude_unset=True, exclude_none=True)
        else:
            given["map"] = str(Path(name).expanduser().absolute())
        if "radii" not in given:
            given |= {"wells": controls.wells.value, "radius": controls.radius.value}
        given |= {"periods": controls.periods.value, "growth": controls.growth.value.strip() or 0}
        return given | {"out": controls.folder.value.strip() or "wells"}

    def _search(self) -> None:
        """Begin: what is asked is read and stated first, and what is wrong with it said."""
        given = self._given()
        self._end()
        self.desk.clear()
        self.hand.drop()
        self.controls.say("Reading the map", "busy")
        self.desk.read(self._begin, open_map, given)

    def _begin(self, opened: Opened) -> None:
        self._show(opened)
        self.course, self.began = [], time.monotonic()
        self.drawing.show_course(self.course)
        self.searches += 1
        self.going = self.scratch / f"going-{self.searches}"  # the word for this search alone
        self.going.touch()
        self.controls.search.disabled, self.controls.stop.disabled = True, False
        self.controls.say("Placing wells; searches of other pages end before", "busy")
        seconds = float(self.controls.seconds.value or 10)
        self.desk.ask(
            partial(self._found, opened),
            search_plan,
            asked_of(opened.settings),
            seconds,
            self.going,
            progress=self._live,
        )

    def _live(self, done: float, total: float) -> None:
        """Show how far the search is: of the two numbers that work reports, it makes value and bound."""
        value, bound = done, total
        known = bound < float("inf")
        rest = (
            f"bound {bound:.6g}, gap {gap_between(value, bound):.2%}" if known else "no bound yet"
        )
        self.controls.say(f"Searching: value {value:.6g}, {rest}", "busy")
        self.course.append((time.monotonic() - self.began, value, bound))
        self.drawing.show_course(self.course)

    def _found(self, opened: Opened, found: Searched) -> None:
        self._end()
        self._show(
            replace(
                opened,
                positions_m=found.positions_m,
                bound=found.bound,
                prices=found.prices,
                course=found.course,
            )
        )

    def _stop(self) -> None:
        """Let the search end with what it has."""
        self.going.unlink(missing_ok=True)
        self.controls.stop.disabled = True
        self.controls.say("Stopping: the last bound is worked out", "busy")

    def _end(self) -> None:
        """Have no search under way."""
        self.going.unlink(missing_ok=True)
        self.controls.search.disabled, self.controls.stop.disabled = False, True

    def _fail(self, line: str) -> None:
        self._end()
        self.controls.say(line, "wrong")

    def _leave(self, _session: object) -> None:
        shutil.rmtree(self.scratch, ignore_errors=True)
