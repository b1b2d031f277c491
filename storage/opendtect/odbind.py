"""Volumes of any kind through OpendTect's own library, where its ``odbind`` can be imported.

The module comes with OpendTect 7 and later, in the folder ``bin/python`` of its installation, and needs what
else lies there. Nothing of graben depends on it: it opens the volumes that OpendTect alone can read, such as
compressed ones. Written from its source and documentation (``plugins/ODBind``); not tested against the real
module.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from storage.errors import ProjectError
from storage.geometry import Affine, LengthUnit, SampleAxis, SurveyGeometry, grid_geometry

MEND = "Copy the volume in OpendTect to type CBVS (Manage Seismic Data), or export it as SEG-Y."


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume that OpendTect reads for us.

    Parameters
    ----------
    geometry
        Where it lies; bins without a trace are not live.
    components
        Names.
    """

    geometry: SurveyGeometry
    components: tuple[str, ...]
    _reader: Any
    _z_range: tuple[float, float, float]

    def read(self, inlines: slice) -> NDArray[np.float32]:
        """Return whole inlines, shape (component, inline, crossline, sample); NaN where there is nothing.

        Raises
        ------
        ProjectError
            If OpendTect's library cannot read them.
        """
        lines = self.geometry.inlines[inlines]
        shape = (len(lines), *self.geometry.shape[1:])
        ranges = _range(lines), _range(self.geometry.crosslines), list(self._z_range)
        data, _ = _asked(self._reader.getdata, *ranges)
        return np.stack([np.asarray(part, np.float32).reshape(shape) for part in data])


def open_volume(folder: Path, name: str) -> Volume:
    """Open a 3D volume of a survey through OpendTect's library.

    Parameters
    ----------
    folder
        The survey folder.
    name
        The volume's name in it.

    Raises
    ------
    ProjectError
        If the library cannot be imported, or does not open it.
    """
    try:
        from odbind.seismic3d import Seismic3D
        from odbind.survey import Survey
    except Exception as error:  # whatever comes of a foreign library that does not load
        raise ProjectError(
            folder,
            f"OpendTect's odbind cannot be imported ({type(error).__name__}: {error})",
            f"Put the folder bin/python of OpendTect on PYTHONPATH. Or: {MEND}",
        ) from error
    survey = _asked(Survey, folder.name, str(folder.parent))
    reader = _asked(Seismic3D, survey, name)
    Seismic3D.use_xarray = False  # arrays are what we need
    inlines, crosslines, z_range = _asked(lambda: reader.ranges)
    axis = _axis(reader, z_range)
    lines = [_lines(each) for each in (inlines, crosslines)]
    geometry = grid_geometry(
        lines[0], lines[1], axis, _affine(survey, lines), _live(reader, lines[0], lines[1])
    )
    return Volume(geometry, tuple(_asked(lambda: reader.comp_names)), reader, tuple(z_range))


def _asked(question: Any, *arguments: Any) -> Any:  # noqa: ANN401 - a library without types
    """Ask the library; whatever it raises is said in one line."""
    try:
        return question(*arguments)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        raise ProjectError("odbind", f"OpendTect's library says: {reason}", MEND) from error


def _lines(given: list[int]) -> NDArray[np.int32]:
    """Return line numbers from first, last and step."""
    first, last, step = given
    return np.arange(min(first, last), max(first, last) + 1, abs(step) or 1, dtype=np.int32)


def _range(lines: NDArray[np.int32]) -> list[int]:
    step = int(lines[1] - lines[0]) if len(lines) > 1 else 1
    return [int(lines[0]), int(lines[-1]), step]


def _axis(reader: Any, z_range: list[float]) -> SampleAxis:  # noqa: ANN401 - a library without types
    """Return the vertical axis: its ranges are in the unit that people see."""
    start, stop, step = (float(f"{value:.6g}") for value in z_range)  # they come as float32
    info = _asked(reader.info)
    unit: LengthUnit = "ft" if str(info.get("zunit", "")).lower().startswith("f") else "m"
    domain = "time" if _asked(lambda: reader.zistime) else "depth"
    count = round((stop - start) / step) + 1
    return SampleAxis(domain, start, step, count, unit)  # type: ignore[arg-type]


def _affine(survey: Any, lines: list[NDArray[np.int32]]) -> Affine:  # noqa: ANN401 - as above
    """Return the map from line numbers to coordinates, by those of three bins."""
    il, xl = int(lines[0][0]), int(lines[1][0])
    corner, along, across = (
        np.array(_asked(survey.coords, *bin_)) for bin_ in ((il, xl), (il + 1, xl), (il, xl + 1))
    )
    of_il, of_xl = along - corner, across - corner
    origin = corner - of_il * il - of_xl * xl
    return (
        float(origin[0]),
        float(of_il[0]),
        float(of_xl[0]),
        float(origin[1]),
        float(of_il[1]),
        float(of_xl[1]),
    )


def _live(
    reader: Any,  # noqa: ANN401 - as above
    inlines: NDArray[np.int32],
    crosslines: NDArray[np.int32],
) -> NDArray[np.bool_]:
    """Return which bins have a trace."""
    live = np.ones((len(inlines), len(crosslines)), bool)
    if _asked(lambda: reader.trace_count) == live.size:
        return live
    for row, inline in enumerate(inlines):
        for column, crossline in enumerate(crosslines):
            live[row, column] = _has_trace(reader, int(inline), int(crossline))
    return live


def _has_trace(reader: Any, inline: int, crossline: int) -> bool:  # noqa: ANN401 - as above
    try:
        return int(reader.trace_index(inline, crossline)) >= 0
    except IndexError:  # so it says that there is none
        return False
