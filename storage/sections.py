"""Labelled sections: a folder of ``.npz`` files, each a section with its interpreted faults.

``SURVEY_NAME.npz`` holds ``seis`` (traces, samples), any real type, and ``fault`` of the same shape, above
0 on a fault. The first word of the file's name, up to ``_``, is the survey.
"""

from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from storage.errors import InputError

LAYOUT = "It needs 'seis' (traces, samples) and 'fault' of the same shape."
LEAST_SIDE = 16


@dataclass(frozen=True, slots=True)
class LabelledSection:
    """Amplitudes and faults of one section.

    Attributes
    ----------
    name
        Of the file, without ``.npz``.
    amplitude
        float32, (traces, 1, samples).
    label
        uint8 of the same shape: 1 on a fault.
    """

    name: str
    amplitude: NDArray[np.float32]
    label: NDArray[np.uint8]


def read_surveys(folder: Path) -> dict[str, list[LabelledSection]]:
    """Return the labelled sections of a folder, survey by survey, in the order of their names.

    Raises
    ------
    InputError
        If there is no such folder, no ``.npz`` file in it, or one that is no labelled section.
    """
    if not folder.is_dir():
        raise InputError(folder, "there is no such folder", "Name a folder of labelled sections.")
    surveys: dict[str, list[LabelledSection]] = {}
    for path in sorted(folder.glob("*.npz")):
        surveys.setdefault(path.stem.split("_")[0], []).append(read_section(path))
    if not surveys:
        raise InputError(folder, "there are no .npz files in it", LAYOUT)
    return surveys


def read_section(path: Path) -> LabelledSection:
    """Return one labelled section.

    Raises
    ------
    InputError
        If the file cannot be read or holds something else.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            amplitude, label = file["seis"], file["fault"]
    except (OSError, ValueError, EOFError, KeyError, BadZipFile) as error:
        raise InputError(path, f"it is no labelled section ({error})", LAYOUT) from None
    if amplitude.ndim != 2 or amplitude.shape != label.shape:
        raise InputError(
            path,
            f"'seis' has the shape {amplitude.shape} and 'fault' {label.shape}",
            LAYOUT,
        )
    if amplitude.dtype.kind not in "iuf" or label.dtype.kind not in "biuf":
        raise InputError(path, "it holds no numbers", LAYOUT)
    if min(amplitude.shape) < LEAST_SIDE:
        raise InputError(
            path,
            f"the section has the shape {amplitude.shape}",
            f"It needs {LEAST_SIDE} traces and samples or more.",
        )
    if not np.isfinite(amplitude).any():
        raise InputError(path, "no sample of 'seis' is a number", LAYOUT)
    return LabelledSection(
        path.stem,
        np.nan_to_num(amplitude.astype(np.float32), posinf=0, neginf=0)[:, None, :],
        (label > 0).astype(np.uint8)[:, None, :],
    )
