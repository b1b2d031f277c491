"""What the name of an input stands for: SEG-Y files, a CBVS file, or a volume of an OpendTect survey.

``SURVEY_FOLDER/Name of volume`` is looked up in the table of the survey's seismic data. Where an input lies
in a survey folder, the survey says whether its Z is time or depth, and where its lines lie.
"""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from storage.cbvs.family import is_cbvs
from storage.errors import ProjectError
from storage.geometry import Affine, Domain, LengthUnit
from storage.locations import Location
from storage.opendtect.survey import is_survey, read_survey
from storage.opendtect.tables import TABLE, VOLUME, Entry, has_table, objects

LINKED = "SEGYDirect"
"""Translator of SEG-Y files that a survey links to."""

MOST_NAMES = 20
"""Names that an error lists."""

_FILES = re.compile(rb"^File(?: \d+\.File)? name[ \t]*:[ \t]*(.+?)[ \t\r]*$", re.MULTILINE)
"""Names of files in a definition of linked SEG-Y, which holds numbers in binary too."""


@dataclass(frozen=True, slots=True)
class InSurvey:
    """What a survey of OpendTect says of a volume in it.

    Parameters
    ----------
    domain, length_unit
        Of its Z; in time the unit is that of coordinates.
    affine, xy_unit
        From line numbers to coordinates, and the unit of these.
    """

    domain: Domain
    length_unit: LengthUnit
    affine: Affine
    xy_unit: LengthUnit


@dataclass(frozen=True, slots=True)
class Located:
    """Where samples lie.

    Parameters
    ----------
    form
        How they are read.
    files
        SEG-Y files, or the first file of a CBVS volume.
    title
        Name for people.
    survey
        What the survey around it says, None where there is none.
    """

    form: Literal["segy", "cbvs"]
    files: tuple[Location, ...]
    title: str
    survey: InSurvey | None = None


def locate(names: Sequence[Location]) -> Located:
    """Find out what an input is; nothing is read but the tables of a survey folder.

    Parameters
    ----------
    names
        Paths or URLs of SEG-Y files, or one of a CBVS file, or one made of a survey folder and the name of a
        volume in it.

    Raises
    ------
    ProjectError
        If a survey has no such volume, or one that graben cannot read; if CBVS is named beside other files.
    """
    located = [_locate(name) for name in names]
    if len(located) == 1:
        return located[0]
    for one in located:
        if one.form != "segy" or one.survey:
            raise ProjectError(
                one.title, "a volume of OpendTect is read alone", "Name it without other files."
            )
    return Located("segy", tuple(names), located[0].title)


def survey_says(folder: Path, path: Path) -> InSurvey:
    """Return what a survey says of a file, be it one that it lists or not.

    Parameters
    ----------
    folder
        Of the survey.
    path
        First file of a volume.

    Raises
    ------
    ProjectError
        If survey or table cannot be read, or the Z of that volume is neither time nor depth.
    """
    data = folder / VOLUME.folder
    # A table that is there and empty is a lost one, and read so that this is said.
    entries = _volumes(folder) if has_table(data) or (data / TABLE).exists() else []
    for entry in entries:
        if Path(entry.file).name == path.name and (data / entry.file).resolve() == path.resolve():
            return _of_survey(folder, dict(entry.keys))
    return _of_survey(folder, {})


def _locate(name: Location) -> Located:
    if not isinstance(name, Path) or name.is_file():
        if not isinstance(name, Path) or not is_cbvs(name):
            return Located("segy", (name,), Path(name).name)
        folder = name.absolute().parent.parent
        survey = survey_says(folder, name) if is_survey(folder) else None
        return Located("cbvs", (name,), name.name, survey)
    name = Path(
        os.path.normpath(name)
    )  # .. leads out of a survey, whose folder would be found else
    if is_survey(name):
        raise ProjectError(name, "this is a survey folder", f"Name a volume in it{_listed(name)}.")
    for folder in name.parents:
        if is_survey(folder):
            return _in_survey(folder, str(name.relative_to(folder)))
    return Located("cbvs" if is_cbvs(name) else "segy", (name,), name.name)


def _in_survey(folder: Path, name: str) -> Located:
    """Look a volume up in the table of a survey."""
    entry = next((each for each in _volumes(folder) if each.name == name), None)
    if entry is None:
        raise ProjectError(folder, f"it has no volume {name!r}", f"Name one{_listed(folder)}.")
    path = folder / VOLUME.folder / entry.file
    survey = _of_survey(folder, dict(entry.keys))
    if entry.translator == VOLUME.translator:
        return Located("cbvs", (path,), name, survey)
    if entry.translator == LINKED:
        return Located("segy", tuple(_linked(path, folder)), name, survey)
    raise ProjectError(
        folder,
        f"{name!r} is stored as {entry.translator}, which graben does not read",
        "Copy it in OpendTect to a volume of type CBVS (Manage Seismic Data), or export it as SEG-Y; where "
        "OpendTect's odbind can be imported, 'graben opendtect fetch' copies it.",
    )


def _volumes(folder: Path) -> list[Entry]:
    """Return the volumes that a survey lists."""
    return [each for each in objects(folder, VOLUME.folder) if each.group == VOLUME.group]


def _listed(folder: Path) -> str:
    """Say which volumes there are."""
    names = [each.name for each in _volumes(folder)]
    if not names:
        return "; it lists none"
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return f": {', '.join(names[:MOST_NAMES])}{more}"


def _of_survey(folder: Path, keys: dict[str, str]) -> InSurvey:
    """Return what survey and table say of a volume; a volume may have another domain than its survey."""
    survey = read_survey(folder)
    domain, unit = survey.domain, survey.length_unit
    own = keys.get("ZDomain", "").split("`")[0].upper()
    if own in ("TWT", "TIME"):
        domain, unit = "time", survey.xy_unit
    elif own.startswith("DEPTH"):
        domain = "depth"
        unit = "ft" if keys.get("ZDomain.Unit", unit).lower().startswith(("f", "ft")) else "m"
    elif own:
        raise ProjectError(
            folder,
            f"the Z of that volume is {own!r}, neither time nor depth",
            "Name another volume.",
        )
    return InSurvey(domain, unit, survey.affine, survey.xy_unit)


def _linked(path: Path, folder: Path) -> Iterator[Path]:
    """Yield the SEG-Y files that a definition links to."""
    try:
        names = _FILES.findall(path.read_bytes())
    except OSError as error:
        raise ProjectError(
            path, error.strerror or str(error), "Link the SEG-Y file anew."
        ) from None
    if not names:
        raise ProjectError(path, "it names no SEG-Y file", "Name the SEG-Y file itself.")
    for name in names:
        yield folder / name.decode("utf-8", errors="surrogateescape")
