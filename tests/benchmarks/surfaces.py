"""How well surfaces and sticks follow known faults: ``make bench-surfaces``.

Synthetic cubes whose faults are known one by one lie on a turned grid of bins that are not square, crosslines
numbered in steps of two, time at a known velocity. Their surfaces are found twice: from a probability made of
the truth, which shows what thinning, joining and sticks are worth alone, and from what the network makes of
the amplitudes. Every figure of issue 5, item 7 stands in a row of the table. ::

    make bench-surfaces BENCH="--count 6 --size 128,128,128 --preset holdout"
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from models.earth import example as earth
from models.earth.truth import Truth, describe, undo
from models.surfaces.frame import Frame
from storage.geometry import SampleAxis, SurveyGeometry, grid_geometry
from storage.volume import (
    Variable,
    attributes_of,
    create_volume,
    finish,
    read_array,
    write_region,
)
from tasks.ensemble import fault_networks
from tasks.infer import FAULT_PROBABILITY, infer
from tasks.plan import plan
from tasks.surfaces import SurfaceSettings, find_surfaces, sticks_of
from tasks.survey_frame import frame_of

Float = NDArray[np.float64]
Size = tuple[int, int, int]

NEAR = 2.0
"""Samples within which a stick or a segment counts as on a surface."""

LARGE, COVERED = 2000, 0.8
"""Square samples of a surface that has to be found, and the share of it that has to be."""

LEAST = 0.05
"""Share of a surface from which an id counts as one of its ids."""

INTERVAL_MS, VELOCITY, THRESHOLD = 4.0, 6000.0, 0.5
TURN, INLINE_M, CROSSLINE_M = np.radians(32.0), 25.0, 12.5


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """A cube and the truth about it.

    Attributes
    ----------
    amplitude
        Shape (inline, crossline, twt).
    distance
        Samples to the nearest visible fault, of the same shape.
    surfaces
        Where each visible fault lies, of the same shape, a sample thick.
    truth
        Strike and dip of the nearest fault, in samples.
    """

    amplitude: NDArray[np.float32]
    distance: NDArray[np.float32]
    surfaces: list[NDArray[np.bool_]]
    truth: Truth


@dataclass(slots=True)
class Scores:
    """What was measured on all cubes."""

    near: list[float] = field(default_factory=list)
    """Share of each stick's length within `NEAR` of a surface."""
    covered: list[float] = field(default_factory=list)
    """Largest share of each large surface that one id covers."""
    together: list[float] = field(default_factory=list)
    """The share that all ids cover."""
    ids: list[int] = field(default_factory=list)
    """Ids of each large surface."""
    merged: list[int] = field(default_factory=list)
    """Large surfaces of each id that has any."""
    strikes: list[Float] = field(default_factory=list)
    dips: list[Float] = field(default_factory=list)
    """Errors at ridge samples, degrees."""


def know(seed: int, index: int, size: Size, preset: str) -> Known:
    """Make an example and find each of its faults by itself."""
    drawn: list[Any] = []

    def keep(*arguments: Any) -> Truth:
        drawn.append(arguments)
        return describe(*arguments)

    with patch.object(earth, "describe", keep):
        example = earth.make_example(seed, index, size=size, preset=preset, labels="all")
    assert example.truth is not None
    faults, younger, structure, _ = drawn[0]
    surfaces = []
    for number in range(len(faults)):
        alone = faults.copy()
        alone["visible_from"][np.arange(len(faults)) != number] = np.inf
        distance = undo(alone, size, younger=younger, structure=structure).distance
        # Half a sample to each side is a surface one sample thick; what a body or a mute hides is none.
        surfaces.append((distance <= 0.5) & (example.fault_distance <= 0.6))
    return Known(example.amplitude, example.fault_distance, surfaces, example.truth)


def geometry_for(size: Size) -> SurveyGeometry:
    """Return a turned grid: inlines 25 m, crosslines 12.5 m apart and numbered in steps of two."""
    east, north = np.sin(TURN), np.cos(TURN)  # of growing inline numbers
    per_number = CROSSLINE_M / 2
    affine = (
        *(430_000.0, INLINE_M * east, per_number * north),
        *(6_480_000.0, INLINE_M * north, -per_number * east),
    )
    inlines = 101 + np.arange(size[0], dtype=np.int32)
    crosslines = 1000 + 2 * np.arange(size[1], dtype=np.int32)
    return grid_geometry(
        inlines, crosslines, SampleAxis("time", 800.0, INTERVAL_MS, size[2]), affine
    )


def store(path: Path, geometry: SurveyGeometry, name: str, samples: NDArray[np.float32]) -> Path:
    """Write one volume as a complete store."""
    create_volume(
        path, geometry, [Variable(name, np.float32, "1", name)],
        {"domain": "time", "affine": geometry.affine, "key": "0" * 64, "title": "synthetic"},
    )  # fmt: skip
    write_region(path, name, tuple(slice(0, n) for n in geometry.shape), samples)
    return path


def true_probability(folder: Path, known: Known) -> Path:
    """Write what a network that makes no mistake would find: ridges as wide as those of a real one."""
    samples = np.exp(-((known.distance / 2.0) ** 2)).astype(np.float32)
    path = store(
        folder / "faults.zarr", geometry_for(known.amplitude.shape), FAULT_PROBABILITY, samples
    )
    finish(path, {"threshold": THRESHOLD})
    return path


def predicted_probability(folder: Path, known: Known) -> Path:
    """Write what the network that comes with graben finds."""
    from models.statistics import AmplitudeStatistics
    from storage.segy.group import GROUP
    from storage.volume import open_group

    geometry = geometry_for(known.amplitude.shape)
    volume = store(folder / "volume.zarr", geometry, "amplitude", known.amplitude)
    open_group(volume, mode="r+").create_group(GROUP)
    statistics = AmplitudeStatistics()
    statistics.add(known.amplitude)
    finish(volume, {"statistics": statistics.as_dict()})
    network = fault_networks(None).for_survey(geometry.shape)
    tiling = plan(geometry, network.facts, 1 << 30).tiling
    path = folder / "faults.zarr"
    infer(volume, path, network, identity={}, tiling=tiling, threshold=network.facts.threshold)
    return path


def measure(faults: Path, known: Known, scores: Scores, settings: SurfaceSettings) -> None:
    """Find surfaces and add how they compare with the truth."""
    path = faults.with_name("surfaces.zarr")
    find_surfaces(faults, faults, path, settings=settings, identity={})
    geometry = geometry_for(known.amplitude.shape)
    fault_id = read_array(path, "fault_id")
    any_surface = np.logical_or.reduce([np.zeros(fault_id.shape, bool), *known.surfaces])
    from_surface = ndimage.distance_transform_edt(~any_surface)
    for nodes in stick_samples(path, geometry):
        away = ndimage.map_coordinates(from_surface, nodes.T, order=1, mode="nearest")
        scores.near.append(float((away <= NEAR).mean()))
    _cover(fault_id, known, scores)
    on_ridge = (fault_id > 0) & (known.distance <= NEAR) & np.isfinite(known.truth.strike_deg)
    frame = frame_of(geometry, settings.velocity)
    strike, dip = in_space(known.truth.strike_deg[on_ridge], known.truth.dip_deg[on_ridge], frame)
    found = read_array(path, "strike_deg")[on_ridge], read_array(path, "dip_deg")[on_ridge]
    turned = np.abs((found[0] - strike + 90) % 180 - 90)
    scores.strikes.append(turned)
    scores.dips.append(np.abs(found[1] - dip))


def _cover(fault_id: NDArray[np.int32], known: Known, scores: Scores) -> None:
    """Add how much of each large surface which ids cover."""
    around = {
        int(number): ndimage.distance_transform_edt(fault_id != number) <= NEAR
        for number in np.unique(fault_id[fault_id > 0])
    }
    surfaces_of: dict[int, int] = {}
    for surface in known.surfaces:
        if surface.sum() < LARGE:
            continue
        shares = {number: float(near[surface].mean()) for number, near in around.items()}
        own = [number for number, share in shares.items() if share >= LEAST]
        scores.covered.append(max(shares.values(), default=0.0))
        found = np.zeros(int(surface.sum()), bool)
        for near in around.values():
            found |= near[surface]
        scores.together.append(float(found.mean()))
        scores.ids.append(len(own))
        for number in own:
            if shares[number] >= 0.5:
                surfaces_of[number] = surfaces_of.get(number, 0) + 1
    scores.merged += list(surfaces_of.values())


def stick_samples(path: Path, geometry: SurveyGeometry) -> Iterator[Float]:
    """Yield each stick as places no more than half a sample apart, in samples, shape (n, 3)."""
    axis = geometry.samples
    first = np.array([geometry.inlines[0], geometry.crosslines[0], axis.start])
    step = np.array([1, 2, axis.interval])
    for stick in sticks_of(path):
        nodes = (stick.nodes[:, :3] - first) / step
        pieces = [
            a + np.linspace(0, 1, max(2, int(2 * np.abs(b - a).max()) + 1))[:, None] * (b - a)
            for a, b in pairwise(nodes)
        ]
        yield np.concatenate(pieces) if pieces else nodes


def in_space(
    strike_deg: NDArray[np.float32], dip_deg: NDArray[np.float32], frame: Frame
) -> tuple[Float, Float]:
    """Return strike and dip in space from those in samples.

    In samples a strike counts from the inline axis towards the crossline axis, and the dip is to its right.
    """
    strike, dip = np.radians(strike_deg.astype(float)), np.radians(dip_deg.astype(float))
    towards = strike + np.pi / 2
    normal = np.stack(
        [np.sin(dip) * np.cos(towards), np.sin(dip) * np.sin(towards), -np.cos(dip)], axis=1
    )
    east, north, down = (normal @ frame.to_space.T).T
    up = np.where(down > 0, -1, 1)
    level = np.hypot(east, north)
    azimuth = np.degrees(np.arctan2(up * east, up * north))
    return (azimuth - 90) % 360, np.degrees(np.arctan2(level, np.abs(down)))


def row(name: str, scores: Scores) -> str:
    """Return the figures of one kind of probability as a row of the table."""
    near, covered = np.array(scores.near), np.array(scores.covered)
    strikes, dips = np.concatenate(scores.strikes), np.concatenate(scores.dips)
    cells = [
        name,
        f"{len(near)}",
        f"{100 * near.mean():.1f} %",
        f"{100 * (near >= 0.9).mean():.1f} %",
        f"{len(covered)}",
        f"{100 * (covered >= COVERED).mean():.0f} %",
        f"{100 * np.median(covered):.0f} %",
        f"{100 * np.median(scores.together):.0f} %",
        f"{np.median(scores.ids):g}",
        f"{max(scores.merged, default=0)}",
        f"{np.median(strikes):.1f}",
        f"{np.median(dips):.1f}",
    ]
    return "| " + " | ".join(cells) + " |\n"


HEAD = (
    "| probability | sticks | their length within 2 samples | sticks with 90 % of it | large surfaces | "
    "80 % under one id | median under one id | median under any id | ids a surface, median | "
    "most surfaces under one id | strike, median error | dip, median error |\n"
    + "| --- " * 12
    + "|\n"
)


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="make bench-surfaces BENCH=...")
    parser.add_argument("--count", type=int, default=6)
    parser.add_argument("--size", default="128,128,128")
    parser.add_argument("--preset", default="holdout")
    parser.add_argument("--seed", type=int, default=505)
    parser.add_argument("--only", choices=("truth", "network"))
    options = parser.parse_args()
    n0, n1, n2 = (int(each) for each in options.size.split(","))
    settings = SurfaceSettings(velocity=VELOCITY)
    ways = {"truth": true_probability, "network": predicted_probability}
    scores = {name: Scores() for name in ways if options.only in (None, name)}
    say = sys.stdout.write
    for index in range(options.count):
        known = know(options.seed, index, (n0, n1, n2), options.preset)
        for name, score in scores.items():
            with tempfile.TemporaryDirectory() as folder:
                faults = ways[name](Path(folder), known)
                measure(faults, known, score, settings)
                rows = len(attributes_of(Path(folder) / "surfaces.zarr")["fault_table"])
            large = sum(int(each.sum() >= LARGE) for each in known.surfaces)
            sys.stderr.write(f"cube {index}, {name}: {rows} faults found, {large} are large\n")
    frame = frame_of(geometry_for((n0, n1, n2)), VELOCITY)
    say(
        f"{options.count} cubes of {options.size}, preset {options.preset}, seed {options.seed}; bins of "
        f"{INLINE_M:g} x {CROSSLINE_M:g} m turned by {np.degrees(TURN):.0f} degrees, {INTERVAL_MS:g} ms at "
        f"{VELOCITY:g} m/s are {frame.sample[2]:g} m\n\n{HEAD}"
    )
    for name, score in scores.items():
        say(row(name, score))
    return 0


if __name__ == "__main__":
    sys.exit(main())
