"""The faults of a run as OpendTect has them: one set of all sticks, the largest faults each by itself."""

from collections.abc import Sequence
from functools import partial
from itertools import groupby
from pathlib import Path

import numpy as np

from storage.opendtect.adding import New
from storage.opendtect.sticks import Polyline, plane_normal, write_stick_file, z_keys
from storage.opendtect.survey import Survey
from storage.opendtect.tables import FAULT, STICK_SET, Kind
from tasks.surfaces import Stick, sticks_of


def polyline(stick: Stick, survey: Survey) -> Polyline:
    """Return a stick in a survey's own coordinates, so that it lies on the survey's lines."""
    x0, dx_il, dx_xl, y0, dy_il, dy_xl = survey.affine
    inline, crossline, sample = stick.nodes[:, :3].T
    x = x0 + dx_il * inline + dx_xl * crossline
    y = y0 + dy_il * inline + dy_xl * crossline
    knots = np.stack([x, y, sample * survey.z_factor], axis=1)
    return Polyline(knots, plane_normal(stick.nodes[:, :3], survey.affine))


def new_faults(surfaces: Path, survey: Survey, most: int) -> list[tuple[str, New]]:
    """Return the stick set and the faults of a store, each with what it is a part of.

    Parameters
    ----------
    surfaces
        A complete store.
    survey
        Where they go.
    most
        Faults to write by themselves, the largest first.

    Returns
    -------
    list of (str, New)
        Empty where the store has no stick.
    """
    z_domain = z_keys(survey.domain, survey.length_unit)
    by_fault = {
        number: [polyline(stick, survey) for stick in sticks if len(stick.nodes) > 1]
        for number, sticks in groupby(sticks_of(surfaces), key=lambda stick: stick.fault_id)
    }
    every = [stick for sticks in by_fault.values() for stick in sticks]
    if not every:
        return []
    faults = {number: sticks for number, sticks in by_fault.items() if len(sticks) > 1}
    largest = [
        (f"fault {number}", f"Fault {number}", faults[number]) for number in [*faults][:most]
    ]
    return [
        ("sticks", _new("Fault sticks", STICK_SET, every, z_domain)),
        *((part, _new(name, FAULT, sticks, z_domain)) for part, name, sticks in largest),
    ]


def _new(name: str, kind: Kind, sticks: Sequence[Polyline], z_domain: dict[str, str]) -> New:
    """Return a set or a fault that is to be written."""
    write = partial(write_stick_file, kind=kind.group, sticks=sticks, z_domain=z_domain)
    return New(name, kind, write, z_domain)
