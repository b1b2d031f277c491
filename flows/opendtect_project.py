"""A run of map-faults into a survey folder of OpendTect: look at both, add, say what is listed where."""

from collections import defaultdict
from pathlib import Path

from flows.fault_run import FAULTS, RECORD, STICK_SET, SURFACES, VOLUME
from flows.settings.opendtect import OpendtectProject
from flows.terminal import say
from storage.errors import OutputError, is_full
from storage.run_record import read
from storage.volume import is_complete
from tasks.fan_out import Progress
from tasks.project import Added, Contents, plan_project, write_project
from tasks.project_tables import write_import_tables
from tasks.project_wells import planned_wells

SHOWN = 4
"""Names of one folder that are said; of more their number is."""


def put_into_project(settings: OpendtectProject, *, progress: Progress | None = None) -> None:
    """Add a run to a survey, or make a survey of it.

    Raises
    ------
    InputError
        What is wrong with the run or the survey; nothing has been written.
    """
    folder = settings.project.expanduser().absolute()
    plan = plan_project(folder, _contents(settings))
    for note in plan.notes:
        say(f"Note: {note}")
    try:
        added = list(write_project(plan, progress))
        tables = write_import_tables(plan, settings.run / STICK_SET)
    except OSError as error:
        if not is_full(error):
            raise
        raise OutputError(
            folder,
            "the disk is full; the survey lists only what is whole",
            "Make room, and give the same command again: it adds what is missing.",
        ) from None
    _tell(plan.folder, added)
    say(f"Tables for OpendTect's import dialogs, and a colour table for faults: {tables}")


def _contents(settings: OpendtectProject) -> Contents:
    """Return what is to go, after a look at the runs."""
    run = settings.run.absolute()
    if not (run / RECORD).exists():
        raise OutputError(run, "it is no folder of graben map-faults", "Name one.")
    if not read(run / RECORD).get("complete") or not is_complete(run / FAULTS):
        raise OutputError(run, "it holds an incomplete run", "Go on with it: --resume.")
    surfaces = run / SURFACES
    wells = settings.wells
    return Contents(
        volume=run / VOLUME,
        faults=run / FAULTS,
        surfaces=surfaces if is_complete(surfaces) else None,
        wells=None if wells is None else planned_wells(wells.absolute()),
        seismic={"auto": None, "yes": True, "no": False}[settings.seismic],
        velocity=settings.velocity,
        kb_m=settings.kb,
        most_faults=settings.most_faults,
        prefix=settings.prefix,
    )


def _tell(folder: Path, added: list[Added]) -> None:
    """Say what is listed where; most of it in a line a folder."""
    by_folder: dict[str, list[Added]] = defaultdict(list)
    for each in added:
        by_folder[each.folder].append(each)
    for name, objects in by_folder.items():
        new = [each.entry.name for each in objects if not each.before]
        there = len(objects) - len(new)
        parts = []
        if new:
            more = f" and {len(new) - SHOWN} more" if len(new) > SHOWN else ""
            parts.append(", ".join(new[:SHOWN]) + more)
        if there:
            parts.append(f"{there} there already")
        say(f"{folder / name}: {'; '.join(parts)}")
