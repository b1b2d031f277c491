"""A survey folder of OpendTect: its ranges, its map from line numbers to coordinates, the folder itself."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from storage.errors import ProjectError
from storage.geometry import (
    Affine,
    Domain,
    LengthUnit,
    SampleAxis,
    SurveyGeometry,
    grid_geometry,
    line_step,
)
from storage.opendtect.text import (
    listed,
    read_text,
    text_of,
    unlisted,
    write_content,
    yes_or_no,
)

SURVEY_FILE, SURVEY_KIND = ".survey", "Survey Info"
DEFAULTS_FILE, DEFAULTS_KIND = ".defs", "Survey defaults"
REMARK = "Made by graben"
"""Free text at the end of a survey that graben made; OpendTect keeps it."""

MEND = "Set the survey up in OpendTect (Survey > Select/Setup), or name another folder."

LETTERS: Mapping[tuple[Domain, LengthUnit], str] = {
    ("time", "m"): "T",
    ("time", "ft"): "T",
    ("depth", "m"): "D",
    ("depth", "ft"): "F",
}
"""What stands behind the Z range."""


@dataclass(frozen=True, slots=True)
class Survey:
    """A survey as OpendTect has it.

    Parameters
    ----------
    name
        Of the survey.
    inlines, crosslines
        Line numbers, ascending.
    samples
        Two-way time in ms, or depth in metres or feet; ``length_unit`` is feet in a time survey too, where
        its coordinates are, and in a depth survey whatever these are.
    affine
        From line numbers to coordinates, as in `storage.geometry.SurveyGeometry`.
    xy_in_feet
        Whether coordinates are feet, not metres.
    """

    name: str
    inlines: range
    crosslines: range
    samples: SampleAxis
    affine: Affine
    xy_in_feet: bool = False

    @property
    def domain(self) -> Domain:
        """``time`` or ``depth``."""
        return self.samples.domain

    @property
    def length_unit(self) -> LengthUnit:
        """Unit of depth; in a time survey that of coordinates."""
        return self.samples.length_unit

    @property
    def xy_unit(self) -> LengthUnit:
        """Unit of coordinates."""
        return "ft" if self.xy_in_feet else "m"

    @property
    def z_factor(self) -> float:
        """As `z_factor` of its domain."""
        return z_factor(self.domain)

    @property
    def geometry(self) -> SurveyGeometry:
        """The whole survey, a trace in every bin."""
        lines = [np.asarray(each, np.int32) for each in (self.inlines, self.crosslines)]
        return grid_geometry(
            lines[0], lines[1], self.samples, self.affine, coordinate_unit=self.xy_unit
        )

    def place(self, inline: float, crossline: float) -> tuple[float, float]:
        """Return the coordinates of a bin."""
        x0, dx_il, dx_xl, y0, dy_il, dy_xl = self.affine
        return (
            x0 + dx_il * inline + dx_xl * crossline,
            y0 + dy_il * inline + dy_xl * crossline,
        )


def z_factor(domain: Domain) -> float:
    """Return what our vertical axis is multiplied by in OpendTect's files, which have seconds."""
    return 0.001 if domain == "time" else 1.0


def is_survey(folder: Path) -> bool:
    """Tell whether a folder is a survey of OpendTect."""
    return (folder / SURVEY_FILE).is_file()


def is_ours(folder: Path) -> bool:
    """Tell whether a survey was made by graben, and not set up in OpendTect."""
    return REMARK in read_text(folder / SURVEY_FILE, SURVEY_KIND).values()


def read_survey(folder: Path) -> Survey:
    """Read what a survey is.

    Parameters
    ----------
    folder
        The survey folder, with ``.survey`` in it.

    Raises
    ------
    ProjectError
        If it is no survey folder, or one that was not set up.
    """
    if not is_survey(folder):
        raise ProjectError(
            folder, "it is no survey folder of OpendTect: it holds no .survey", "Name one."
        )
    path = folder / SURVEY_FILE
    values = read_text(path, SURVEY_KIND).values()
    inlines, crosslines = (
        _lines(path, values, key) for key in ("In-line range", "Cross-line range")
    )
    x, y = (_numbers(path, values, f"Coord-{axis}-BinID", 3) for axis in "XY")
    if not abs(x[1] * y[2] - x[2] * y[1]) > 0:
        raise ProjectError(path, "its lines and coordinates are on no grid", MEND)
    in_feet = values.get("XY in feet", "No").lower().startswith("y")
    samples = _samples(path, values, "ft" if in_feet else "m")
    affine = (x[0], x[1], x[2], y[0], y[1], y[2])
    return Survey(values.get("Name") or folder.name, inlines, crosslines, samples, affine, in_feet)


def _lines(path: Path, values: Mapping[str, str], key: str) -> range:
    """Return a range of line numbers."""
    start, stop, step = (int(each) for each in _numbers(path, values, key, 3))
    step = abs(step) or 1
    low, high = min(start, stop), max(start, stop)
    return range(low, high + 1, step)


def _samples(path: Path, values: Mapping[str, str], coordinates: LengthUnit) -> SampleAxis:
    """Return the vertical axis."""
    start, stop, step = _numbers(path, values, "Z range", 3)
    letter = (*unlisted(values["Z range"]), "T", "T", "T", "T")[3][:1].upper()
    domain: Domain = "depth" if letter in ("D", "F", "M") else "time"
    if not step > 0 or stop < start:
        raise ProjectError(path, f"its Z range cannot be used: {values['Z range']}", MEND)
    unit = coordinates if domain == "time" else "ft" if letter == "F" else "m"
    factor = 1000.0 if domain == "time" else 1.0
    count = round((stop - start) / step) + 1
    return SampleAxis(domain, round(start * factor, 6), round(step * factor, 6), count, unit)


def _numbers(path: Path, values: Mapping[str, str], key: str, count: int) -> list[float]:
    """Return the leading numbers of a list."""
    text = values.get(key)
    if text is None:
        raise ProjectError(path, f"it has no {key!r}: the survey was not set up", MEND)
    try:
        numbers = [float(part) for part in unlisted(text)[:count]]
    except ValueError:
        numbers = []
    if len(numbers) < count or not all(
        math.isfinite(each) and abs(each) < 1e29 for each in numbers
    ):
        raise ProjectError(path, f"{key!r} cannot be used: {text[:60]}", MEND)
    return numbers


def survey_of(geometry: SurveyGeometry, name: str) -> Survey:
    """Return the survey that a volume spans.

    Raises
    ------
    ProjectError
        If its coordinates are angles or lie on no grid, as those of a single line do.
    """
    mend = "Add it to a survey that was set up in OpendTect: name that folder."
    if geometry.angle_unit is not None:
        raise ProjectError(name, f"its coordinates are angles ({geometry.angle_unit})", mend)
    if geometry.affine is None or min(geometry.shape[:2]) < 2:
        raise ProjectError(name, "its coordinates lie on no grid, as on a single line", mend)
    inlines, crosslines = (
        range(int(lines[0]), int(lines[-1]) + 1, line_step(lines))
        for lines in (geometry.inlines, geometry.crosslines)
    )
    in_feet = geometry.xy_unit == "ft"
    return Survey(name, inlines, crosslines, geometry.samples, geometry.affine, in_feet)


def write_survey(folder: Path, survey: Survey) -> None:
    """Write ``.survey`` and ``.defs``, each whole or not at all."""
    il, xl, z = survey.inlines, survey.crosslines, survey.samples
    ends = [z.start, z.start + z.interval * (z.count - 1), z.interval]
    letter = LETTERS[z.domain, z.length_unit]
    corners = ((il[0], xl[0]), (il[-1], xl[-1]), (il[0], xl[-1]))
    x0, dx_il, dx_xl, y0, dy_il, dy_xl = survey.affine
    pairs = [
        ("Name", survey.name),
        ("Survey Data Type", "Only 3D"),
        ("In-line range", listed(il[0], il[-1], il.step)),
        ("Cross-line range", listed(xl[0], xl[-1], xl.step)),
        ("Z range", listed(*(round(each * survey.z_factor, 9) for each in ends), letter)),
        ("Coord-X-BinID", listed(x0, dx_il, dx_xl)),
        ("Coord-Y-BinID", listed(y0, dy_il, dy_xl)),
        *(
            (f"Set Point.{number}", listed(f"{bin_[0]}/{bin_[1]}", _point(survey.place(*bin_))))
            for number, bin_ in enumerate(corners, start=1)
        ),
        ("XY in feet", yes_or_no(survey.xy_in_feet)),
        ("Seismic Reference Datum", "0"),
    ]
    defaults = [("Depth in feet", yes_or_no(letter == "F"))]
    write_content(folder / DEFAULTS_FILE, text_of(DEFAULTS_KIND, defaults))
    write_content(folder / SURVEY_FILE, text_of(SURVEY_KIND, pairs) + f"{REMARK}\n")


def _point(place: tuple[float, float]) -> str:
    """Return a point as text."""
    return f"({place[0]!r},{place[1]!r})"
