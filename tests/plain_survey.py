"""A regular survey as plain bytes, written fast: for runs where size matters more than content."""

from pathlib import Path

import numpy as np

from models.statistics import AmplitudeStatistics
from storage.geometry import SampleAxis, grid_geometry
from storage.volume import Variable, create_volume, finish, write_region


def write_regular(path: Path, shape: tuple[int, int, int]) -> Path:
    """Write IEEE floats, revision 1, lines from 1, on a grid of 25 m; repeated noise as samples."""
    n_inline, n_crossline, samples = shape
    record = np.dtype([("header", ">i4", 60), ("samples", ">f4", samples)])
    binary = np.zeros(200, ">i2")
    binary[[8, 10, 12, 150, 151]] = 4000, samples, 5, 0x0100, 1
    noise = np.random.default_rng(5).standard_normal((16, samples)).cumsum(axis=0)
    with path.open("wb") as file:
        file.write("C01 PLAIN SURVEY".ljust(3200).encode("cp037") + binary.tobytes())
        for inline in range(n_inline):
            line = np.zeros(n_crossline, record)
            crosslines = np.arange(n_crossline)
            line["header"][:, 45] = inline * 2500
            line["header"][:, 46] = crosslines * 2500
            line["header"][:, 47] = inline + 1
            line["header"][:, 48] = crosslines + 1
            halves = line["header"].view(">i2")
            halves[:, [35, 57, 58]] = -100, samples, 4000
            line["samples"] = noise[(crosslines // 3 + inline // 5) % 16]
            file.write(line.tobytes())
    return path


def as_volume(path: Path, samples: np.ndarray) -> Path:
    """Write samples (inlines, crosslines, time) as an ingest does, 4 ms apart on a grid of 25 m."""
    shape = (samples.shape[0], samples.shape[1], samples.shape[2])
    lines = [np.arange(n, dtype=np.int32) for n in shape[:2]]
    axis = SampleAxis("time", 0.0, 4.0, shape[2])
    affine = (0.0, 25.0, 0.0, 0.0, 0.0, 25.0)
    geometry = grid_geometry(lines[0], lines[1], axis, affine, np.ones(shape[:2], bool))
    variable = Variable("amplitude", np.float32, "1", "amplitude")
    create_volume(
        path, geometry, [variable], {"domain": "time", "key": "a" * 64, "affine": affine}
    )
    write_region(path, "amplitude", tuple(slice(0, n) for n in shape), samples)
    statistics = AmplitudeStatistics()
    statistics.add(samples)
    finish(path, {"statistics": statistics.as_dict()})
    return path
