"""A plan in the hands of its reader: numbers of a well, wells that are dragged, the way back, saving."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from bokeh.document import Document
from numpy.typing import NDArray

from flows.view.shelf import Shelf, Spot
from flows.view.wells_controls import WellsControls
from flows.view.wells_drawing import WellsDrawing
from flows.view.wells_run import Opened
from flows.view.work import Desk, Workshop
from flows.wells_said import guarantee_of
from tasks.refine import gap_between
from tasks.well_plan import Row
from tasks.wells_layers import circles_of
from tasks.wells_page import Stated
from tasks.wells_saved import SHAPES, TABLE, Drawn, save_plan

Float = NDArray[np.float64]

NAMED = 5
"""Wells that are named in a line; of more their number is."""


class Numbers(NamedTuple):
    """What is known of a plan: its value, which wells stand where none may, and its rows of wells.csv."""

    value: float
    wrong: NDArray[np.bool_]
    rows: list[Row] | None


class HandPanel:
    """The plan that a page shows.

    Parameters
    ----------
    document, workshop, shelf, controls, drawing
        The page's.
    """

    def __init__(
        self,
        document: Document,
        workshop: Workshop,
        shelf: Shelf,
        controls: WellsControls,
        drawing: WellsDrawing,
    ) -> None:
        self.controls, self.drawing, self.spot = controls, drawing, Spot(shelf)
        document.on_session_destroyed(lambda _: self.spot.clear())
        self.desk = Desk(document, workshop, self._failed)
        self.saving = Desk(document, workshop, self._failed)
        self.opened: Opened | None = None
        self.positions: Float = np.empty((0, 2))
        self.known: Numbers | None = None
        self.of_plan: float | None = None  # value before anything was moved here
        self.moved = self.waiting = self.valuing = self.whole = False

    def drop(self) -> None:
        """Have no plan, until there is another one."""
        self.desk.clear()
        self.opened = self.known = None
        self.positions = np.empty((0, 2))
        self.drawing.wells.tags = ["fixed"]
        self.drawing.wells.selected.indices = []
        self.controls.show_well(None)
        self.controls.prove("")
        self.controls.offer([])
        self.spot.clear()
        self.controls.save.disabled = self.controls.undo.disabled = True

    def take(self, opened: Opened) -> None:
        """Show a plan, and let its wells be moved."""
        self.drop()
        if opened.positions_m is None:
            return
        self.opened, self.positions = opened, opened.positions_m.copy()
        self.of_plan = None
        self.moved = self.waiting = self.valuing = False
        self.drawing.wells.tags = []
        self.draw()
        self._value(whole=True)

    def draw(self) -> None:
        """Draw the wells with the circles of the period that is picked."""
        if self.opened is None:
            return
        radii = circles_of(self.opened.stated, self.positions)
        period = min(int(self.controls.period.value), radii.shape[1] - 1)
        self.drawing.show_wells(self.positions, radii[:, period])

    def choose(self) -> None:
        """Show the numbers of the well that is chosen."""
        chosen = self.drawing.wells.selected.indices
        rows = self.known.rows if self.known else None
        known = rows is not None and len(chosen) > 0 and chosen[0] < len(rows)
        self.controls.show_well(rows[chosen[0]] if rows is not None and known else None)

    def move(self) -> None:
        """Take in where the browser says that a well is now, and say what that changes."""
        told = self.drawing.moved.data
        if self.opened is None or not len(told["well"]):
            return
        well, place = int(told["well"][0]), (float(told["x"][0]), float(told["y"][0]))
        if not (0 <= well < len(self.positions) and np.isfinite(place).all()):
            return
        positions = self.positions.copy()
        positions[well] = place
        self.positions, self.moved = self.opened.stated.held(positions), True
        if told["final"][0]:
            self.draw()  # a well that was dragged off the map comes back to its edge
        self._value(whole=bool(told["final"][0]))

    def undo(self) -> None:
        """Put all wells back to where they were."""
        if self.opened is None or self.opened.positions_m is None:
            return
        self.positions, self.moved = self.opened.positions_m.copy(), False
        self.draw()
        self._value(whole=True)

    def save(self) -> None:
        """Write the plan into the folder that is named."""
        opened, folder = self.opened, self.controls.folder.value.strip()
        if opened is None:
            return
        if not folder:
            self.controls.say("Name a folder for the plan.", "wrong")
            return
        plan = Drawn(self.positions, self._before(), opened.bound, opened.prices, opened.course)
        path = Path(folder).expanduser().absolute()
        settings = opened.settings.model_dump(mode="json") | {"out": str(path)}
        self.controls.say(f"Saving the plan in {path}", "busy")
        self.saving.read(
            lambda facts: self._saved(path, facts), save_plan, opened.stated, plan, path, settings,
            opened.passing,
        )  # fmt: skip

    def _before(self) -> float | None:
        """Return the value before anybody edited the plan by hand; None: nobody did."""
        if self.opened is None or not (self.moved or self.opened.by_hand is not None):
            return None
        return self.opened.by_hand if self.opened.by_hand is not None else self.of_plan

    def _value(self, *, whole: bool) -> None:
        """Work out the value of the plan as it is now; while one is worked out the latest waits."""
        assert self.opened is not None
        self.whole = whole
        if self.valuing:
            self.waiting = True
            return
        self.valuing = True
        self.desk.read(self._valued, numbers_of, self.opened.stated, self.positions, whole)

    def _valued(self, numbers: Numbers) -> None:
        self.valuing, self.known = False, numbers
        if self.waiting:
            self.waiting = False
            self._value(whole=self.whole)
        if self.opened is None:
            return
        if self.of_plan is None:
            self.of_plan = numbers.value
        self.controls.undo.disabled = not self.moved
        self.controls.save.disabled = False
        if numbers.rows is not None:
            self.choose()
        self._say(numbers)

    def _say(self, numbers: Numbers) -> None:
        assert self.opened is not None
        line, kind = f"{len(self.positions)} wells collect {numbers.value:.7g}", "done"
        if (before := self._before()) is not None:
            change = numbers.value - before
            part = f" ({100 * change / before:+.3f} %)" if before > 0 else ""
            line = f"Edited by hand: {line}, {change:+.4g}{part} against the plan of the search"
        if numbers.wrong.any():
            wrong = np.flatnonzero(numbers.wrong) + 1
            which = ", ".join(map(str, wrong[:NAMED])) + (" ..." if len(wrong) > NAMED else "")
            line, kind = f"{line}; where none may stand, or too near to another: {which}", "wrong"
        self.controls.say(line, kind)
        self.controls.prove(_in_words(self.opened, numbers.value, len(self.positions)))

    def _saved(self, folder: Path, facts: dict[str, Any]) -> None:
        hand = ", edited by hand" if facts["edited_by_hand"] else ""
        self.controls.say(f"Saved{hand}: {folder / TABLE}", "done")
        files = {name: (folder / name).read_bytes() for name in (TABLE, SHAPES)}
        self.controls.offer(list(zip(self.spot.lay(files), files, strict=True)))

    def _failed(self, line: str) -> None:
        self.valuing = self.waiting = False
        self.controls.say(line, "wrong")


def numbers_of(stated: Stated, positions_m: Float, whole: bool) -> Numbers:
    """Return value and standing of a plan, with the rows of its table where they are asked for."""
    rows = stated.rows(positions_m) if whole else None
    return Numbers(stated.value(positions_m), stated.wrong(positions_m), rows)


def _in_words(opened: Opened, value: float, wells: int) -> str:
    """Say how good a plan is, where there is a bound to hold it against."""
    if opened.bound is None:
        return "Nobody has worked out yet what the best plan could collect: place the wells."
    proven: dict[str, Any] = {"bound": opened.bound}
    price = opened.stated.price
    if opened.stated.problem.costs is not None and price is not None:
        proven |= {"net_value": value, "npv": price * value, "npv_bound": price * opened.bound}
    return guarantee_of(proven, gap_between(value, opened.bound), wells)
