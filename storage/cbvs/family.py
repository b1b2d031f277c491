"""Which files are one CBVS volume: ``name.cbvs`` and ``name^01.cbvs``, ``name^02.cbvs``, ... beside it."""

import re
from pathlib import Path

from storage.errors import CbvsError, OutputError

SUFFIX = ".cbvs"
_NUMBERED = re.compile(r"(?P<stem>.+)\^(?P<number>\d+)", re.DOTALL)


def is_cbvs(path: Path) -> bool:
    """Tell whether a file has the name of a CBVS volume."""
    return path.suffix.lower() == SUFFIX


def parts_beside(path: Path) -> dict[int, Path]:
    """Return the files of a volume that lie beside its first, by their numbers."""
    found = {}
    for each in path.parent.iterdir() if path.parent.is_dir() else ():
        match = _NUMBERED.fullmatch(each.stem)
        if match and match["stem"] == path.stem and each.suffix == path.suffix:
            found[int(match["number"])] = each
    return dict(sorted(found.items()))


def files_of(path: Path) -> list[Path]:
    """Return the files of a volume in their order.

    Raises
    ------
    CbvsError
        If the volume is not there, is named by one of its later files, or misses one.
    """
    match = _NUMBERED.fullmatch(path.stem)
    if match and path.with_name(match["stem"] + path.suffix).is_file():
        raise CbvsError(
            path, "it is a part of a volume", f"Name {match['stem']}{path.suffix} instead."
        )
    if not path.is_file():
        reason = "this is a folder" if path.is_dir() else "there is no such file"
        raise CbvsError(path, reason, "Check the path.")
    parts = parts_beside(path)
    for wanted, number in enumerate(parts, start=1):
        if number != wanted:
            missing = f"{path.stem}^{wanted:02d}{path.suffix}"
            raise CbvsError(
                path, f"{missing} is missing beside {parts[number].name}", "Put it back."
            )
    return [path, *parts.values()]


def refuse_strays(path: Path) -> None:
    """Refuse to write a volume beside files that OpendTect would take for its parts.

    Raises
    ------
    OutputError
        Naming one of them.
    """
    for stray in parts_beside(path).values():
        raise OutputError(
            path, f"{stray.name} beside it would pass for a part of it", "Choose another name."
        )
