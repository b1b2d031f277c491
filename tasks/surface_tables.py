"""The faults and sticks of a store of surfaces, written as text."""

from pathlib import Path

from storage.fault_tables import stick_form, write_faults, write_sticks
from storage.volume import geometry_of
from tasks.fan_out import Progress
from tasks.surfaces import faults_of, sticks_of


def write_surface_tables(
    surfaces: Path,
    *,
    faults: Path,
    sticks: Path,
    opendtect: Path,
    progress: Progress | None = None,
) -> None:
    """Write the table of faults, the table of sticks, and the sticks for OpendTect.

    Parameters
    ----------
    surfaces
        A complete store.
    faults, sticks, opendtect
        The files, each whole or not at all; see `storage.fault_tables`.
    progress
        Told of the first and the last.
    """
    if progress:
        progress(0, 1)
    write_faults(faults, faults_of(surfaces))
    nodes = ((stick.fault_id, stick.number, stick.nodes) for stick in sticks_of(surfaces))
    write_sticks(sticks, opendtect, nodes, stick_form(geometry_of(surfaces)))
    if progress:
        progress(1, 1)
