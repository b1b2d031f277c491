"""What goes beside the objects of a survey: tables for OpendTect's import dialogs, and a colour table."""

import shutil
from pathlib import Path

from storage.locations import whole_file
from storage.opendtect.adding import prepare_folder
from storage.opendtect.colours import write_colour_table
from storage.opendtect.points import write_point_table
from storage.opendtect.wells import write_well_tables
from tasks.project import Plan, import_folder
from tasks.project_places import TABLES

STICKS, COLOURS, POINTS = "sticks.dat", "fault_colours.txt", "planned_wells.xyz"
WELL_TABLES = {
    "simple": "wells.txt",
    "tracks": "well_tracks.txt",
    "markers": "well_markers.txt",
    "depth_time": "well_depth_time.txt",
}


def write_import_tables(plan: Plan, sticks: Path) -> Path:
    """Write the tables into the survey's own folder for such things; return where they are.

    Parameters
    ----------
    plan
        What went into the survey.
    sticks
        The ``sticks.dat`` of the run; passed over where it is not there.
    """
    prepare_folder(plan.folder, TABLES)
    folder = import_folder(plan.folder, plan.contents)
    folder.mkdir(exist_ok=True)
    write_colour_table(folder / COLOURS)
    if sticks.exists():
        with whole_file(folder / STICKS) as part:
            shutil.copyfile(sticks, part)
    if plan.wells:
        files = {name: folder / file for name, file in WELL_TABLES.items()}
        write_well_tables(plan.wells, **files)
        z_unit = 1 / plan.survey.z_factor
        write_point_table(folder / POINTS, plan.points, z_unit=z_unit)
    return folder
