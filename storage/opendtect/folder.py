"""A new survey folder, whole at once, and the folder of surveys it lies in."""

import os
from pathlib import Path

from storage.errors import ProjectError
from storage.opendtect.holding import clear_abandoned, private_folder
from storage.opendtect.survey import Survey, is_survey, write_survey
from storage.opendtect.tables import FOLDERS, TABLE, data_root_text, root_text, title_text
from storage.opendtect.text import write_content


def check_new(folder: Path) -> None:
    """Refuse a place where no survey folder can be made; nothing is changed.

    Raises
    ------
    ProjectError
        If something else lies there, it would lie within a survey, or nothing may be written there.
    """
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        what = "it is no survey folder of OpendTect: it holds no .survey"
        raise ProjectError(folder, what, "Name a survey folder, or a path where nothing lies.")
    for parent in (*folder.absolute().parents, *folder.resolve().parents):
        if is_survey(parent):
            what = f"it would lie within the survey {parent.name}"
            raise ProjectError(folder, what, f"Name a path beside {parent}.")
    above = next(each for each in folder.absolute().parents if each.exists())
    if not above.is_dir() or not os.access(above, os.W_OK):
        raise ProjectError(folder, f"nothing may be written into {above}", "Name another path.")


def create_survey(folder: Path, survey: Survey) -> None:
    """Make a survey folder with empty tables; it appears whole or not at all.

    Parameters
    ----------
    folder
        Where, see `check_new`. The folder above becomes a folder of surveys, if it is none.
    survey
        What it is.

    Raises
    ------
    ProjectError
        As `check_new`.
    """
    check_new(folder)
    root = folder.absolute().parent
    root.mkdir(parents=True, exist_ok=True)
    clear_abandoned(root)
    with private_folder(root) as private:
        if not (root / TABLE).exists():
            write_content(private / TABLE, data_root_text())
            (private / TABLE).replace(root / TABLE)
        made = private / "survey"
        made.mkdir()
        _fill(made, survey)
        try:
            made.replace(folder)
        except OSError:
            check_new(folder)  # another run was quicker
            raise


def _fill(folder: Path, survey: Survey) -> None:
    """Write all that makes a folder a survey."""
    for name in FOLDERS:
        (folder / name).mkdir()
        write_content(folder / name / TABLE, title_text(name))
    write_content(folder / TABLE, root_text())
    # What makes it a survey comes last: OpendTect looks for it in every folder.
    write_survey(folder, survey)
