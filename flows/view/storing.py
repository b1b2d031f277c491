"""The part of the page that puts faults into the OpendTect project."""

from pathlib import Path

from bokeh.document import Document

from flows.view.controls import Controls
from flows.view.work import Desk, Workshop
from tasks.section_work import SectionAt, store_faults

NAMED = 2
"""Objects that were stored and are named; of others their number is."""


class StorePanel:
    """The button that stores what is seen; what it began goes on when another section is looked at.

    Parameters
    ----------
    document, workshop, controls
        The page's.
    project
        OpendTect survey to store in, None where there is none.
    """

    def __init__(
        self, document: Document, workshop: Workshop, controls: Controls, project: Path | None
    ) -> None:
        self.controls, self.project = controls, project
        self.desk = Desk(document, workshop, self._failed)
        self.section: SectionAt | None = None
        self.busy = False

    def offer(self, section: SectionAt | None, *, ready: bool) -> None:
        """Let the button store a section, or its run, once its faults are there."""
        self.section = section if ready else None
        button = self.controls.store
        if self.project is None:
            button.label = "No project to store in"
        else:
            what = "run" if section and section.volume.faults else "section"
            button.label = f"Store {what} in {self.project.name}"
        button.disabled = self.project is None or self.section is None or self.busy

    def store(self) -> None:
        """Begin; the button waits until it is done."""
        if self.section is None or self.project is None or self.busy:
            return
        self.busy = self.controls.store.disabled = True
        what = "the run" if self.section.volume.faults else "the section"
        self.controls.say(f"Storing faults of {what} in {self.project.name}", "busy")
        self.desk.ask(self._stored, store_faults, self.section, self.project)

    def _stored(self, names: tuple[str, ...]) -> None:
        self._end()
        assert self.project is not None
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        what = ", ".join(f"'{name}'" for name in names[:NAMED]) + more
        line = f"Stored in {self.project.name}: {what}; OpendTect lists it when a list is opened"
        there = f"All faults of the run are in {self.project.name} already"
        self.controls.say(line if names else there, "done")

    def _failed(self, line: str) -> None:
        self._end()
        self.controls.say(line, "wrong")

    def _end(self) -> None:
        self.busy = False
        self.controls.store.disabled = self.project is None or self.section is None
