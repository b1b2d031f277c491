"""Whether a volume lies on a survey: lines, coordinates, time or depth."""

from typing import NoReturn

import numpy as np

from storage.errors import ProjectError
from storage.geometry import SurveyGeometry, line_step
from storage.opendtect.survey import Survey

MEND = "Name the survey that the volume comes from."


def check_fit(geometry: SurveyGeometry, survey: Survey, where: object) -> list[str]:
    """Check that a volume lies on a survey.

    Parameters
    ----------
    geometry
        Of the volume.
    survey
        The survey.
    where
        Names the survey in errors.

    Returns
    -------
    list of str
        What is odd, though it does no harm.

    Raises
    ------
    ProjectError
        If its lines are not the survey's, its bins lie elsewhere by more than half a bin, or its vertical
        axis is another.
    """
    notes: list[str] = []
    for name, lines, ours in (
        ("inlines", geometry.inlines, survey.inlines),
        ("crosslines", geometry.crosslines, survey.crosslines),
    ):
        low, high, step = int(lines[0]), int(lines[-1]), line_step(lines)
        said = (
            f"its {name} are {ours[0]} to {ours[-1]} by {ours.step}, "
            f"the volume's {low} to {high} by {step}"
        )
        if high < ours[0] or low > ours[-1]:
            _refuse(where, said)
        if (low - ours[0]) % ours.step or (len(lines) > 1 and step % ours.step):
            _refuse(where, said)
        if low < ours[0] or high > ours[-1]:
            notes.append(f"{said}: OpendTect shows what lies within.")
    _check_places(geometry, survey, where)
    return notes + _check_axis(geometry, survey, where)


def _check_places(geometry: SurveyGeometry, survey: Survey, where: object) -> None:
    """Compare the corners, where the volume knows its coordinates."""
    if geometry.affine is None or geometry.angle_unit is not None:
        return
    x0, dx_il, dx_xl, y0, dy_il, dy_xl = geometry.affine
    _, *steps = survey.affine
    bin_ = min(
        np.hypot(steps[0], steps[3]) * survey.inlines.step,
        np.hypot(steps[1], steps[4]) * survey.crosslines.step,
    )
    for inline in (int(geometry.inlines[0]), int(geometry.inlines[-1])):
        for crossline in (int(geometry.crosslines[0]), int(geometry.crosslines[-1])):
            x, y = survey.place(inline, crossline)
            dx = x0 + dx_il * inline + dx_xl * crossline - x
            dy = y0 + dy_il * inline + dy_xl * crossline - y
            if (off := float(np.hypot(dx, dy))) > 0.5 * bin_:
                _refuse(
                    where,
                    f"inline {inline}, crossline {crossline} of the volume lies {off:.1f} from where the "
                    f"survey has it (a bin is {bin_:.1f})",
                )


def _check_axis(geometry: SurveyGeometry, survey: Survey, where: object) -> list[str]:
    """Compare the vertical axes."""
    ours, theirs = survey.samples, geometry.samples
    if ours.domain != theirs.domain:
        _refuse(where, f"it is in {ours.domain}, the volume in {theirs.domain}")
    if ours.domain == "depth" and ours.length_unit != theirs.length_unit:
        _refuse(where, f"its depth is in {ours.length_unit}, the volume's in {theirs.length_unit}")
    ends = [(a.start, a.start + a.interval * (a.count - 1)) for a in (ours, theirs)]
    said = (
        f"it goes from {ends[0][0]:g} to {ends[0][1]:g} {ours.unit}, "
        f"the volume from {ends[1][0]:g} to {ends[1][1]:g}"
    )
    if ends[1][1] < ends[0][0] or ends[1][0] > ends[0][1]:
        _refuse(where, said)
    outside = ends[1][0] < ends[0][0] - 1e-3 or ends[1][1] > ends[0][1] + 1e-3
    return [f"{said}: OpendTect shows what lies within."] if outside else []


def _refuse(where: object, what: str) -> NoReturn:
    raise ProjectError(where, f"the volume does not lie on this survey: {what}", MEND)
