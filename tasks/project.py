"""A run as objects of an OpendTect survey: volumes, faults, wells and points, added one after another.

What is to be added is known, and known to fit, before anything is written. Every object carries the hash of
what it was made from behind its entry, so that a second call adds only what a first one did not come to.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from pathlib import Path

from storage.ledger import key_of
from storage.opendtect.adding import New, add_all, prepare_folder
from storage.opendtect.fit import check_fit
from storage.opendtect.folder import check_new, create_survey
from storage.opendtect.points import Point, write_points
from storage.opendtect.sticks import z_keys
from storage.opendtect.survey import Survey, is_ours, is_survey, read_survey, survey_of
from storage.opendtect.tables import MARK, POINT_SET, VOLUME, WELL, Entry, has_table, objects
from storage.opendtect.wells import Well, write_well
from storage.volume import attributes_of, geometry_of
from tasks.cbvs import write_cbvs
from tasks.fan_out import Progress
from tasks.infer import FAULT_PROBABILITY
from tasks.ingest import AMPLITUDE
from tasks.project_faults import new_faults
from tasks.project_places import TABLES, check_folder, check_places
from tasks.project_wells import Holes, PlannedWells, points_of, wells_of
from tasks.surface_tiles import DIP, FAULT_THINNED, STRIKE

SEISMIC = "Seismic"
"""Name of the amplitudes."""

VELOCITY = 2500.0
"""m/s, where neither the user nor the run knows better."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a survey is to hold.

    Parameters
    ----------
    volume, faults
        Stores of amplitudes and of fault probability.
    surfaces
        Store of surfaces; None where the run has none.
    wells
        Planned wells; None for none.
    seismic
        Whether the amplitudes go too; None: where the survey is made for this run.
    velocity
        m/s, turns two-way time into the depth of wells; None: that of the surfaces.
    kb_m
        Elevation of the kelly bushing of wells above the datum, m.
    most_faults
        Faults that become objects of their own, the largest first.
    prefix
        Begin of every name.
    """

    volume: Path
    faults: Path
    surfaces: Path | None
    wells: PlannedWells | None
    seismic: bool | None = None
    velocity: float | None = None
    kb_m: float = 0.0
    most_faults: int = 100
    prefix: str = ""

    @property
    def key(self) -> str:
        """Hash of what everything was made from."""
        stores = [each for each in (self.faults, self.surfaces) if each is not None]
        wells = self.wells.key if self.wells else None
        return key_of(
            {"stores": [attributes_of(each).get("key") for each in stores], "wells": wells}
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done, after everything was checked.

    Attributes
    ----------
    folder, survey
        The survey folder, and what the survey is.
    is_new
        Whether the folder is to be made.
    seismic
        Whether the amplitudes go too.
    wells, points
        What goes as wells, and as point set.
    notes
        What is odd, though it does no harm.
    """

    contents: Contents
    folder: Path
    survey: Survey
    is_new: bool
    seismic: bool
    wells: tuple[Well, ...]
    points: tuple[Point, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Added:
    """What became of an object: how it is listed, and whether it was there before."""

    folder: str
    entry: Entry
    before: bool


def plan_project(folder: Path, contents: Contents) -> Plan:
    """Check that a run can go into a survey folder; nothing is written.

    Parameters
    ----------
    folder
        A survey folder of OpendTect, or a path where nothing lies.
    contents
        What is to go there.

    Raises
    ------
    ProjectError
        What is wrong with the folder, or why the run does not fit.
    """
    geometry = geometry_of(contents.faults)
    notes: list[str] = []
    if is_survey(folder):
        survey = read_survey(folder)
        notes += check_fit(geometry, survey, folder)
        notes += check_places(folder)
        if (made := import_folder(folder, contents)).exists():
            check_folder(made)
    else:
        check_new(folder)
        survey = survey_of(geometry, folder.absolute().name)
    wells: list[Well] = []
    points: list[Point] = []
    if contents.wells is not None:
        holes = Holes(geometry.samples, _velocity(contents), contents.kb_m)
        wells, odd = wells_of(contents.wells, survey, contents.surfaces, holes)
        points = points_of(wells, contents.wells, holes, survey.z_factor)
        notes += odd
    new = not is_survey(folder)
    seismic = _with_seismic(folder, contents) if contents.seismic is None else contents.seismic
    return Plan(contents, folder, survey, new, seismic, tuple(wells), tuple(points), tuple(notes))


def _with_seismic(folder: Path, contents: Contents) -> bool:
    """Tell whether the amplitudes go, where the user leaves that open: into a survey that is made of them.

    A survey that graben made and that lists no volume of a run, or this seismic, was begun by a run with
    it, which may have been killed since: it goes on.
    """
    if not is_survey(folder):
        return True
    if not is_ours(folder) or not has_table(folder / VOLUME.folder):
        return False
    marks = {each.keys[MARK] for each in objects(folder, VOLUME.folder) if MARK in each.keys}
    return not marks or _mark(contents.volume, SEISMIC)[MARK] in marks


def import_folder(folder: Path, contents: Contents) -> Path:
    """Return where the tables for import dialogs go."""
    return folder / TABLES / f"graben-{contents.key[:8]}"


def _velocity(contents: Contents) -> float:
    """Return the velocity that wells are drilled through."""
    known = attributes_of(contents.surfaces).get("velocity") if contents.surfaces else None
    return contents.velocity or float(known or VELOCITY)


def write_project(plan: Plan, progress: Progress | None = None) -> Iterator[Added]:
    """Make the survey folder where it is new, and add to it; yield what became of each object.

    Parameters
    ----------
    plan
        From `plan_project`.
    progress
        Told of finished jobs of the volume under way.
    """
    if plan.is_new:
        create_survey(plan.folder, plan.survey)
    parts = [*_volumes(plan, progress), *_faults(plan), *_wells(plan)]
    named = [(part, _named(plan, new)) for part, new in parts]
    for (folder, _), group in groupby(named, key=_together):
        yield from _add(plan, folder, [new for _, new in group])


def _together(part: tuple[str, New]) -> tuple[str, str]:
    """Return what objects have in common that are listed at once: volumes appear one by one."""
    name, new = part
    return new.kind.folder, name if new.kind is VOLUME else ""


def _named(plan: Plan, new: New) -> New:
    """Return an object with the begin that all names have."""
    return replace(new, name=f"{plan.contents.prefix} {new.name}".strip())


def _add(plan: Plan, folder: str, new: Sequence[New]) -> list[Added]:
    """Add those of some objects that are not there yet."""
    prepare_folder(plan.folder, folder)
    present = {entry.keys.get(MARK): entry for entry in objects(plan.folder, folder)}
    missing = [each for each in new if each.keys[MARK] not in present]
    added = iter(add_all(plan.folder, missing) if missing else [])
    return [
        Added(folder, present[each.keys[MARK]], before=True)
        if each.keys[MARK] in present
        else Added(folder, next(added), before=False)
        for each in new
    ]


def _mark(store: Path, part: str, **facts: object) -> dict[str, str]:
    """Return the key that tells what an object was made from."""
    made_from = {"store": attributes_of(store).get("key"), "part": part, **facts}
    return {MARK: key_of(made_from)[:16]}


def _volumes(plan: Plan, progress: Progress | None) -> Iterator[tuple[str, New]]:
    """Yield the volumes."""
    contents = plan.contents
    volume, faults, surfaces = contents.volume, contents.faults, contents.surfaces
    probability = (faults, FAULT_PROBABILITY)

    def volume_of(
        name: str, *variables: tuple[Path, str], names: Sequence[str]
    ) -> tuple[str, New]:
        write = partial(_write_volume, variables=variables, names=names, progress=progress)
        keys = z_keys(plan.survey.domain, plan.survey.length_unit)
        return name, New(name, VOLUME, write, keys | _mark(variables[-1][0], name))

    if plan.seismic:
        yield volume_of(SEISMIC, (volume, AMPLITUDE), names=["Amplitude"])
    yield volume_of("Fault probability", probability, names=["Fault probability"])
    if surfaces is not None:
        yield volume_of(
            "Fault probability with strike and dip",
            probability,
            *((surfaces, STRIKE), (surfaces, DIP)),
            names=["Fault probability", "Strike", "Dip"],
        )
        yield volume_of("Thinned faults", (surfaces, FAULT_THINNED), names=["Thinned faults"])


def _write_volume(
    path: Path,
    *,
    variables: Sequence[tuple[Path, str]],
    names: Sequence[str],
    progress: Progress | None,
) -> None:
    """Write one volume."""
    write_cbvs(path, variables, names=names, progress=progress)


def _faults(plan: Plan) -> list[tuple[str, New]]:
    """Return stick set and faults."""
    surfaces = plan.contents.surfaces
    if surfaces is None:
        return []
    found = new_faults(surfaces, plan.survey, plan.contents.most_faults)
    return [
        (part, replace(new, keys={**new.keys, **_mark(surfaces, part)})) for part, new in found
    ]


def _wells(plan: Plan) -> Iterator[tuple[str, New]]:
    """Yield the wells, and their places as a point set."""
    planned = plan.contents.wells
    if planned is None:
        return
    for well in plan.wells:
        mark = {MARK: key_of({"run": planned.key, "well": repr(well)})[:16]}
        yield "well", New(well.name, WELL, partial(write_well, well=well), mark)
    z_domain = z_keys(plan.survey.domain, plan.survey.length_unit)
    write = partial(write_points, points=plan.points, z_domain=z_domain)
    mark = {MARK: key_of({"run": planned.key, "points": repr(plan.points)})[:16]}
    yield "points", New("Planned wells", POINT_SET, write, z_domain | mark)
