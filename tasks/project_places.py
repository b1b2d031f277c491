"""Where a run writes in a survey that is there: looked at before anything is written."""

import os
from pathlib import Path

from storage.errors import ProjectError
from storage.opendtect.holding import left_by_others
from storage.opendtect.tables import (
    LOOSE,
    POINT_SET,
    STICK_SET,
    VOLUME,
    WELL,
    check_writable,
    lacks_table,
)

TABLES = LOOSE
"""Data folder of what goes beside objects."""

FOLDERS = (VOLUME.folder, STICK_SET.folder, WELL.folder, POINT_SET.folder, TABLES)


def check_places(survey: Path) -> list[str]:
    """Refuse a survey folder of which a part cannot be written; say what others' runs left there.

    Parameters
    ----------
    survey
        The survey folder; a data folder that it lacks, or its table, can be made.

    Returns
    -------
    list of str
        A line for each private folder that only others can remove.

    Raises
    ------
    ProjectError
        If a table is none or is lost, or something is read-only.
    """
    for name in FOLDERS:
        if not (survey / name).exists():
            check_folder(survey)
        elif name == TABLES:  # its table lists nothing of graben's, and is not changed
            check_folder(survey / name)
            lacks_table(survey / name)
        else:
            check_writable(survey, name)
    return [
        line
        for folder in (survey, *(survey / name for name in FOLDERS))
        for line in left_by_others(folder)
    ]


def check_folder(folder: Path) -> None:
    """Refuse a folder that nothing may be written into.

    Raises
    ------
    ProjectError
        If it is read-only.
    """
    # A folder that nobody may write is meant so, even for those whom the system would let.
    if not folder.stat().st_mode & 0o222 or not os.access(folder, os.W_OK):
        raise ProjectError(
            folder, "it is read-only", "Allow writing there, or name another survey."
        )
