"""How the files of one CBVS volume follow one another: blocks of inlines, or slabs of Z."""

from decimal import Decimal
from pathlib import Path

from storage.cbvs.header import Header
from storage.cbvs.positions import Positions
from storage.errors import CbvsError

NEAR = Decimal("1e-3")
"""Share of a sample that the slabs of a volume may be off; float32 keeps no more of long traces."""


def join(
    paths: list[Path], headers: list[Header], positions: list[Positions]
) -> tuple[list[int], int]:
    """Return where the samples of every file begin in those of the volume, and how many there are.

    Raises
    ------
    CbvsError
        If the files are of different volumes, or one is missing between them.
    """
    _refuse_different(paths, headers)
    if len({(each.start, each.interval, each.count) for each in headers}) > 1:
        return _slabs(paths, headers, positions)
    _refuse_overlap(paths, positions)
    return [0] * len(paths), headers[0].count


def _refuse_different(paths: list[Path], headers: list[Header]) -> None:
    """Refuse files of which one has other components than the first."""
    for path, header in zip(paths, headers, strict=True):
        if header.components != headers[0].components:
            raise CbvsError(
                path,
                f"its components are not those of {paths[0].name}",
                "Files of one volume only may have its name.",
            )


def _refuse_overlap(paths: list[Path], positions: list[Positions]) -> None:
    """Refuse files of one Z range of which two have an inline."""
    seen: dict[int, Path] = {}
    for path, part in zip(paths, positions, strict=True):
        for inline in part.inlines.tolist():
            if inline in seen:
                raise CbvsError(
                    path,
                    f"inline {inline} is in {seen[inline].name} too",
                    "Files of one volume only may have its name.",
                )
            seen[inline] = path


def _slabs(
    paths: list[Path], headers: list[Header], positions: list[Positions]
) -> tuple[list[int], int]:
    """Return where the slabs of Z begin, in samples, and how many samples there are.

    Raises
    ------
    CbvsError
        If one does not follow the one before, or has other traces.
    """
    step, start, firsts, count = headers[-1].interval, headers[0].start, [], 0
    for path, header, part in zip(paths, headers, positions, strict=True):
        if not part.same_as(positions[0]):
            raise CbvsError(
                path,
                f"it has other traces than {paths[0].name}, and another Z range",
                "Files of one volume only may have its name.",
            )
        if abs(header.start - (start + step * count)) > NEAR * step * max(1, count):
            raise CbvsError(
                path,
                f"it begins at Z {header.start}, and {start + step * count} follows the file before",
                "Put the missing files back.",
            )
        firsts.append(count)
        count += header.count
    return firsts, count
