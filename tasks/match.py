"""A survey's volume to its character and its quiet blocks, block by block in bounded memory."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.earth.insert import MARGIN, Background
from models.earth.survey import SurveyCharacter, measure_block, merge, quiet, window_of
from models.normalize import Scale, normalize, scale_of
from storage.errors import InputError
from storage.locations import Location, within
from storage.volume import attributes_of, open_array, read_region
from tasks.amplitudes import amplitude_attributes
from tasks.fan_out import Progress, Result, run_jobs
from tasks.ingest import AMPLITUDE

if TYPE_CHECKING:
    from distributed import Client

Size = tuple[int, int, int]
Samples = NDArray[np.float32]

MOST_BLOCKS = 48
MOST_SAMPLES = 32_000_000
"""A survey is measured on at most so many blocks and samples, chosen at equal distances."""

LEAST_DEPTH = 16


@dataclass(frozen=True, slots=True)
class Survey:
    """A complete volume that examples are made like.

    Attributes
    ----------
    path
        The store.
    shape
        Samples along each axis; a single inline is turned, so that it is a section along the first axis.
    turned
        Whether it is.
    scale
        Of its amplitudes.
    identity
        What names its content.
    """

    path: Location
    shape: Size
    turned: bool
    scale: Scale
    identity: dict[str, str]

    def read(self, corner: tuple[int, ...], size: tuple[int, ...]) -> Samples:
        """Return normalized amplitudes of a block, 0 where there are none."""
        region = [slice(c, c + n) for c, n in zip(corner, size, strict=True)]
        if self.turned:
            region[0], region[1] = region[1], region[0]
        block = read_region(self.path, AMPLITUDE, tuple(region))
        if self.turned:
            block = block.swapaxes(0, 1)
        return np.ascontiguousarray(normalize(block, self.scale))


@dataclass(frozen=True, slots=True)
class Measured:
    """The character of a survey, and the corners of its confidently unfaulted blocks."""

    survey: Survey
    character: SurveyCharacter
    quiet: tuple[Size, ...]

    def facts(self) -> dict[str, Any]:
        """Return what was measured, as JSON values."""
        found = self.character
        return {
            "peak_frequency": round(found.peak_frequency, 4),
            "noise_ratio": round(found.noise_ratio, 3),
            "quiet_blocks": [list(corner) for corner in self.quiet],
            "depths": found.centers.tolist(),
            "spectra": np.round(found.spectra, 4).tolist(),
            "levels": np.round(found.levels, 4).tolist(),
        }


def open_survey(path: Location) -> Survey:
    """Return a volume to make examples like.

    Raises
    ------
    InputError
        If it is not a complete volume with samples.
    """
    attributes = amplitude_attributes(path)
    n0, n1, n2 = open_array(path, AMPLITUDE).shape
    if n2 < LEAST_DEPTH:
        raise InputError(
            path, f"has {n2} samples a trace", f"{LEAST_DEPTH} or more are needed to learn from."
        )
    digest = attributes_of(within(path, "segy")).get("digest", {}).get("sha256", "")
    turned = n0 == 1 and n1 > 1
    return Survey(
        path,
        (n1, n0, n2) if turned else (n0, n1, n2),
        turned,
        scale_of(attributes["statistics"]["histogram"]),
        {"key": str(attributes["key"]), "digest": str(digest)},
    )


def check_room(survey: Survey, size: Size) -> None:
    """Refuse examples that are larger than the survey, where faults are to be put into it.

    Raises
    ------
    InputError
        With the largest size that fits.
    """
    if any(want > have for want, have in zip(size, survey.shape, strict=True)):
        raise InputError(
            survey.path,
            f"has {_by(survey.shape)} samples, less than an example of {_by(size)}",
            f"Use --size {_by(tuple(min(a, b) for a, b in zip(size, survey.shape, strict=True)))}"
            " or --inserted 0.",
        )


def measure_survey(
    survey: Survey,
    size: Size,
    *,
    insert: bool = True,
    client: "Client | None" = None,
    progress: Progress | None = None,
) -> Measured:
    """Return what a survey looks like, and where blocks of a size are quiet.

    Memory is that of a block a thread, whatever the size of the survey.

    Parameters
    ----------
    survey
        From `open_survey`.
    size
        Of the examples; blocks are as large where the survey is.
    insert
        Quiet blocks are needed.
    client, progress
        As in `tasks.fan_out.run_jobs`.

    Raises
    ------
    InputError
        If the survey has no live sample, or no block without holes that is needed.
    """
    block = _block(survey, size)
    window = window_of(block[2])
    work = partial(measure_corner, survey=survey, block=block, window=window)
    corners = _corners(survey.shape, block, window)
    jobs = {"-".join(map(str, corner)): corner for corner in corners}
    results = run_jobs(work, jobs, what="survey", client=client, progress=progress)
    live = {jobs[name]: found for name, found in results.items() if found["live"] > 0}
    if not live:
        raise InputError(survey.path, "has no live sample where it was measured", "Look at it.")
    found = list(live.values())
    calm = tuple(list(live)[number] for number in quiet(found))
    if insert and not calm:
        raise InputError(
            survey.path,
            f"has no block of {_by(block)} samples without holes",
            "Use a smaller --size or --inserted 0.",
        )
    return Measured(survey, merge(found, window), calm)


def measure_corner(corner: Size, *, survey: Survey, block: Size, window: int) -> Result:
    """Return what the block at a corner says of its survey."""
    samples = survey.read(corner, block)
    if not samples.any():
        return {"live": 0.0}
    return measure_block(samples, corner[2], window)


def draw_background(rng: np.random.Generator, measured: Measured, size: Size) -> Background:
    """Return one of the quiet blocks, with what margin the survey has around it."""
    corner = measured.quiet[int(rng.integers(len(measured.quiet)))]
    margins = [MARGIN if side > 1 else 0 for side in size]
    first = [max(0, start - margin) for start, margin in zip(corner, margins, strict=True)]
    last = [
        min(end, start + side + margin)
        for end, start, side, margin in zip(
            measured.survey.shape, corner, size, margins, strict=True
        )
    ]
    block = measured.survey.read(tuple(first), tuple(np.subtract(last, first).tolist()))
    c0, c1, c2 = np.subtract(corner, first).tolist()
    return Background(block, (c0, c1, c2))


def _block(survey: Survey, size: Size) -> Size:
    """Return the size of the blocks that are measured."""
    n0, n1, n2 = (min(want, have) for want, have in zip(size, survey.shape, strict=True))
    return n0, n1, n2


def _corners(shape: Size, block: Size, window: int) -> Iterator[Size]:
    """Yield the corners of overlapping blocks, thinned out where there are very many.

    Depths are multiples of half a window, so that windows of different blocks coincide.
    """
    half = window // 2
    axes = []
    for axis, (have, want) in enumerate(zip(shape, block, strict=True)):
        step = max(1, want // 2)
        if axis == 2:
            step = max(1, step // half) * half
        places = list(range(0, have - want + 1, step))
        final = (have - want) // half * half if axis == 2 else have - want
        axes.append(places if places[-1] == final else [*places, final])
    corners = list(product(*axes))
    most = max(1, min(MOST_BLOCKS, MOST_SAMPLES // prod(block)))
    chosen = np.unique(
        np.linspace(0, len(corners) - 1, min(most, len(corners))).round().astype(int)
    )
    yield from (corners[number] for number in chosen)


def _by(size: tuple[int, ...]) -> str:
    return ",".join(map(str, size))
