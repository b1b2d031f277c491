"""The page of sections: pick a volume and a place, see seismic and faults, store them in the project."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import cast
from urllib.parse import urlencode

from bokeh.document import Document

from flows.view.browser import attach
from flows.view.controls import Controls
from flows.view.drawing import PALETTES, Drawing, Extent
from flows.view.picture import PicturePanel
from flows.view.shelf import Shelf
from flows.view.storing import StorePanel
from flows.view.work import Desk, Workshop, in_one_line
from models.section_levels import Levels
from tasks.section_axes import Axis, axes_of, other_axes
from tasks.section_source import OpenVolume, VolumeAt, open_volume, threshold_of
from tasks.section_work import (
    AxisNumber,
    SectionAt,
    Seen,
    faults_of,
    own_threshold,
    seismic_of,
)

Action = Callable[[], None]

AXES = ("inline", "crossline", "slice")
"""Names of the kinds of sections in the address."""

Asked = Mapping[str, str]
"""What the address says behind its question mark."""


class SectionPage:
    """One open tab.

    Parameters
    ----------
    document
        What it is drawn on.
    workshop
        Who works for it.
    shelf
        Where it lays what can be downloaded.
    volumes
        What can be picked; the first one is shown where the address names none.
    title
        What they are of.
    project
        OpendTect survey in which sections are stored, None where there is none.
    asked
        What the address says.
    """

    def __init__(
        self,
        document: Document,
        workshop: Workshop,
        shelf: Shelf,
        volumes: Sequence[VolumeAt],
        title: str,
        project: Path | None,
        asked: Asked,
    ) -> None:
        self.volumes = {each.name: each for each in volumes}
        self.controls = Controls(_number(asked, "threshold", own_threshold(line=True)))
        self.chosen = "threshold" in asked
        self.drawing = Drawing()
        self.desk = Desk(document, workshop, self._fail)
        self.storing = StorePanel(document, workshop, self.controls, project)
        self.picture = PicturePanel(self.controls, self.drawing, shelf, self.desk)
        document.on_session_destroyed(lambda _: self.picture.forget())
        self.axes: tuple[Axis, Axis, Axis] | None = None
        self.shown: SectionAt | None = None
        self._lay_out(document, title, asked)
        self._open(asked)

    def _lay_out(self, document: Document, title: str, asked: Asked) -> None:
        controls, drawing = self.controls, self.drawing
        controls.head(title)
        controls.volume.options = list(self.volumes)
        controls.volume.value = asked.get("volume", "")
        if controls.volume.value not in self.volumes:
            controls.volume.value = next(iter(self.volumes), "")
        controls.opacity.value = _number(asked, "opacity", controls.opacity.value)
        if asked.get("colours") in PALETTES:
            controls.colours.value = asked["colours"]
        drawing.colour(controls.colours.value)
        drawing.follow(controls.threshold, controls.opacity, controls.faults)
        for model, name, action in (
            (controls.volume, "value", lambda: self._open({})),
            (controls.axis, "active", self._turn),
            (controls.number, "value", self._show),
            (controls.faults, "active", self._toggle),
            (controls.colours, "value", self._colour),
            (controls.threshold, "value_throttled", self._choose),
            (controls.opacity, "value_throttled", self._redraw),
            (controls.picture, "filename", self._take_picture),
        ):
            model.on_change(name, partial(self._changed, action))
        controls.store.on_click(partial(self._safely, self.storing.store))
        document.title = f"Faults: {title}"
        document.add_root(
            controls.layout(drawing.figure)
        )  # events are heard of what was asked before
        attach(document, controls)

    def _changed(self, action: Action, attr: str, old: object, new: object) -> None:  # noqa: ARG002 - Bokeh's
        self._safely(action)

    def _safely(self, action: Action) -> None:
        """Do what a widget asks for; what goes wrong with it is a line on the page."""
        try:
            action()
        except Exception as error:  # the page lives on, whatever it is
            self._fail(in_one_line(error))

    def _open(self, asked: Asked) -> None:
        """Open the volume that is picked; its axes are read before anything is shown."""
        self.desk.clear()
        volume = self.volumes.get(self.controls.volume.value)
        if volume is None:
            self.controls.say("There is no volume to look at.", "wrong")
            return
        self.axes = None
        self.controls.say(f"Opening {volume.name}", "busy")
        self.desk.read(lambda opened: self._opened(opened, asked), open_volume, volume)

    def _opened(self, opened: OpenVolume, asked: Asked) -> None:
        self.axes = axes_of(opened.geometry)
        self.controls.axis.labels = [axis.word for axis in self.axes]
        for number, name in enumerate(AXES):
            if name in asked:
                self.controls.axis.active = number
                self._turn(_number(asked, name, self.axes[number].first))
                return
        shape = [axis.count for axis in self.axes]
        whole = [n for n in range(3) if min(c for k, c in enumerate(shape) if k != n) > 1]
        self.controls.axis.active = whole[0] if whole else 0  # of a line, the section that it is
        self._turn()

    def _turn(self, value: float | None = None) -> None:
        """Offer the numbers of the kind of section that is picked, the middle one first."""
        if self.axes is None:
            return
        axis, spinner = self.axes[self._kind], self.controls.number
        wanted = axis.value(axis.index(value) if value is not None else axis.count // 2)
        before = spinner.value
        if not self.chosen:
            known = threshold_of(self.volumes[self.controls.volume.value])
            own = own_threshold(line=self._kind < 2) if known is None else known
            self.controls.threshold.value = round(own, 2)
        spinner.title = f"{axis.label}: {axis.first:g} to {axis.last:g}"
        # One after the other: the browser refuses a low above the high, and moves a number within both.
        spinner.update(low=None, high=None)
        spinner.update(step=axis.step, value=wanted)
        spinner.update(low=axis.first, high=axis.last)
        if before == wanted:  # nothing has changed that would show it
            self._show()

    @property
    def _kind(self) -> AxisNumber:
        return cast(AxisNumber, self.controls.axis.active)

    def _show(self) -> None:
        """Show the section that is picked, with faults as soon as they are known."""
        if self.axes is None or self.controls.number.value is None:
            return
        self.desk.clear()
        axis = self.axes[self._kind]
        index = axis.index(float(self.controls.number.value))
        section = SectionAt(self.volumes[self.controls.volume.value], self._kind, index)
        self.shown = section
        self.picture.forget()
        self.storing.offer(section, ready=False)
        self._tell_address()
        self.controls.offer({})
        self.controls.say(f"Reading {self._name()}", "busy")
        self.desk.read(lambda levels: self._draw(section, levels), seismic_of, section)

    def _toggle(self) -> None:
        """Find faults that nobody wanted to see before; the browser hides and shows them by itself."""
        if self.controls.faults.active and self.shown is not None:
            self._show()

    def _draw(self, section: SectionAt, levels: Levels) -> None:
        assert self.axes is not None
        across, down = other_axes(self.axes, section.axis)
        self.drawing.show_seismic(levels, _extent(across, down), across.label, down.label)
        if not self.controls.faults.active:
            self.controls.say(self._name())
            return
        self.controls.say(f"{self._name()}: finding faults", "busy")
        self.desk.ask(
            lambda seen: self._overlay(section, seen),
            faults_of,
            section,
            progress=lambda done, total: self.controls.say(
                f"{self._name()}: finding faults, {done} of {total} tiles", "busy"
            ),
        )

    def _overlay(self, section: SectionAt, seen: Seen) -> None:
        assert self.axes is not None
        self.drawing.show_faults(seen.levels, _extent(*other_axes(self.axes, section.axis)))
        self.storing.offer(section, ready=True)
        source = "as the run found them" if section.volume.faults else "found now"
        self.controls.say(
            f"{self._name()}: faults {source}, largest probability {seen.most:.2f}", "done"
        )

    def _choose(self) -> None:
        """Keep the threshold that somebody chose."""
        self.chosen = True
        self._redraw()

    def _redraw(self) -> None:
        """Let all that the browser cannot change by itself follow the sliders."""
        self._tell_address()
        self.picture.redraw()

    def _take_picture(self) -> None:
        """Show a picture in the place of the section; its name comes after its content."""
        if self.picture.take():
            self.shown = None
            self.storing.offer(None, ready=False)

    def _colour(self) -> None:
        self.drawing.colour(self.controls.colours.value)
        self._tell_address()

    def _name(self) -> str:
        """Return the section that is shown, for people."""
        if self.shown is None or self.axes is None:
            return "Nothing"
        axis = self.axes[self.shown.axis]
        unit = f" {axis.unit}" if axis.unit else ""
        return f"{axis.word} {axis.value(self.shown.index):g}{unit}"

    def _tell_address(self) -> None:
        """Let the address of the tab say what is shown, so that it can be kept and sent."""
        if self.shown is None or self.axes is None:
            return
        controls = self.controls
        value = self.axes[self.shown.axis].value(self.shown.index)
        said = {"volume": self.shown.volume.name, **dict.fromkeys(AXES, "")}
        said |= {AXES[self.shown.axis]: f"{value:g}"}
        said |= {"threshold": f"{controls.threshold.value:g}"}
        said |= {"opacity": f"{controls.opacity.value:g}", "colours": controls.colours.value}
        controls.address.value = urlencode(said)

    def _fail(self, line: str) -> None:
        self.controls.say(line, "wrong")


def _extent(across: Axis, down: Axis) -> Extent:
    return Extent(*across.edges, *down.edges)


def _number(asked: Asked, name: str, otherwise: float) -> float:
    """Return a number of the address, where it has one that is a number."""
    try:
        return float(asked[name])
    except (KeyError, ValueError):
        return otherwise
