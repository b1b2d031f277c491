"""What the demonstration needs: a faulted survey as SEG-Y, its map, and the answer read back and judged."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter, map_coordinates
from scipy.spatial import cKDTree

from models.earth.example import Example, make_example
from models.metrics import ToleranceCounts, tolerance_counts
from storage.geometry import SampleAxis, grid_geometry
from storage.locations import write_text
from storage.segy import fields
from storage.segy.checklist import Title
from storage.segy.new_survey import write_survey
from storage.segy.samples import SampleFormat
from storage.segy.source import open_records
from tasks.scan import scan_survey

SIZE = (160, 192, 256)
PRESET = "demo"
"""Generator settings that no training uses."""

FIRST_INLINE, FIRST_CROSSLINE = 401, 1201
BIN_M = 25.0
AZIMUTH_DEG = 32.0
CORNER_M = (431_250.0, 6_478_400.0)
MAP_CELLS, MAP_CELL_M = 64, 100.0
START_MS, INTERVAL_MS = 600.0, 4.0
SURFACE, TOLERANCE = 0.5, 2.0
"""Samples around a true fault that are its surface, and from there to what counts as on it."""

RESERVOIR_MS = (1080.0, 1140.0)
"""Where the wells produce: only faults here keep them away."""


@dataclass(frozen=True, slots=True, eq=False)
class FaultCube:
    """A fault SEG-Y as read back: one row a trace.

    Parameters
    ----------
    probability
        float32, shape (traces, samples).
    inline, crossline
        Line numbers, shape (traces,).
    cdp
        CDP X and Y in metres, shape (traces, 2).
    """

    probability: NDArray[np.float32]
    inline: NDArray[np.int32]
    crossline: NDArray[np.int32]
    cdp: NDArray[np.float64]


def make_survey(path: Path, seed: int) -> Example:
    """Write a synthetic faulted survey on a rotated grid as SEG-Y; return it with its truth."""
    example = make_example(seed, 0, size=SIZE, preset=PRESET)
    turn = np.deg2rad(AZIMUTH_DEG)
    along, across = BIN_M * np.cos(turn), BIN_M * np.sin(turn)
    # Inlines step to the east of north-west, crosslines at right angles to them.
    x0 = CORNER_M[0] - along * FIRST_INLINE + across * FIRST_CROSSLINE
    y0 = CORNER_M[1] - across * FIRST_INLINE - along * FIRST_CROSSLINE
    geometry = grid_geometry(
        FIRST_INLINE + np.arange(SIZE[0], dtype=np.int32),
        FIRST_CROSSLINE + np.arange(SIZE[1], dtype=np.int32),
        SampleAxis("time", START_MS, INTERVAL_MS, SIZE[2]),
        (x0, along, -across, y0, across, along),
    )
    title = Title("Synthetic seismic", f"seed {seed}", "Generator preset demo", "Amplitudes")
    write_survey(path, geometry, iter(example.amplitude * 1000), title)
    return example


def make_map(path: Path, seed: int) -> tuple[float, float]:
    """Write a smooth oil map that covers the survey; return the map's outer corner in CDP X/Y."""
    rng = np.random.default_rng(seed)
    values = gaussian_filter(rng.standard_normal((MAP_CELLS, MAP_CELLS)), 4.0)
    values = np.maximum(2.4 + 0.8 * values / values.std(), 0.0)
    head = f"OIL\n{MAP_CELLS} {MAP_CELLS}\n{MAP_CELL_M:g} {MAP_CELL_M:g}\n"
    write_text(path, head + " ".join(f"{value:.4f}" for value in values.ravel()) + "\n")
    return CORNER_M[0] - 3000.0, CORNER_M[1] - 200.0


def read_back(path: Path) -> FaultCube:
    """Read a fault SEG-Y, as any program would: from its own headers."""
    survey = scan_survey(path)
    geometry, source = survey.geometry, survey.source
    live = geometry.live_mask
    sample_format = SampleFormat(source.format_code, source.order)
    with open_records(source) as reader:
        records = reader.read(survey.trace_map[live])
    headers = records[:, : fields.TRACE_HEADER_BYTES]
    probability = np.empty((len(records), source.samples), np.float32)
    sample_format.decode(records[:, source.header_bytes :], probability)
    return FaultCube(
        probability,
        fields.trace_field(headers, fields.INLINE, source.order),
        fields.trace_field(headers, fields.CROSSLINE, source.order),
        np.stack([geometry.cdp_x[live], geometry.cdp_y[live]], axis=1),
    )


def score(cube: FaultCube, example: Example, threshold: float) -> tuple[ToleranceCounts, int]:
    """Return how faults match the truth within two samples, and how many traces are missing."""
    probability = np.zeros(SIZE, np.float32)
    seen = np.zeros(SIZE[:2], bool)
    cells = (cube.inline - FIRST_INLINE, cube.crossline - FIRST_CROSSLINE)
    probability[cells] = cube.probability
    seen[cells] = True
    counts = tolerance_counts(probability, example.fault_label, threshold)
    return counts, int(seen.size - seen.sum())


def stick_score(table: Path, example: Example) -> float:
    """Return the share of the nodes of sticks that lie within two samples of a true fault.

    Parameters
    ----------
    table
        ``sticks.csv``, read as any program would.
    example
        The survey with its truth.
    """
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows:
        return 0.0
    lines = np.array([(float(row["inline"]), float(row["crossline"])) for row in rows])
    twt = np.array([float(row["twt_ms"]) for row in rows])
    places = np.column_stack(
        [lines - (FIRST_INLINE, FIRST_CROSSLINE), (twt - START_MS) / INTERVAL_MS]
    )
    away = distance_transform_edt(example.fault_distance > SURFACE)
    return float((map_coordinates(away, places.T, order=1, mode="nearest") <= TOLERANCE).mean())


def nearest_fault_m(cube: FaultCube, wells: NDArray[np.float64], threshold: float) -> float:
    """Return the smallest distance in metres from a well to a bin with a fault in the reservoir.

    Parameters
    ----------
    cube
        The fault cube.
    wells
        CDP X and Y, shape (n, 2).
    threshold
        Probability that counts as fault.
    """
    first, last = ((twt - START_MS) / INTERVAL_MS for twt in RESERVOIR_MS)
    within = cube.probability[:, int(np.ceil(first)) : int(np.floor(last)) + 1]
    faulty = cube.cdp[within.max(axis=1) >= threshold]
    if not len(faulty):
        return float("inf")
    distances, _ = cKDTree(faulty).query(wells)
    return float(np.min(distances))
