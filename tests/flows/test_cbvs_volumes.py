"""Volumes through OpendTect's files and back: every sample, within bounded memory, killed at any write."""

import shutil
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from flows.__main__ import COMPLETE, run
from storage.cbvs.header import Component
from storage.cbvs.writer import lay_out
from storage.geometry import Domain, SampleAxis, grid_geometry
from storage.volume import Variable, create_volume, finish, write_region
from tests.cbvs_parts import make_cbvs, read_plain
from tests.flows.running import ROOT
from tests.flows.test_conversion_memory import peak

MIB = 1 << 20
KILLS = 12
KINDS = ("f4", "i1", "u1", "i2")


@st.composite
def surveys(draw: st.DrawFn) -> tuple[NDArray[Any], NDArray[np.bool_], list[int], SampleAxis]:
    """Samples of any bits, where traces are, first lines and steps, and an axis."""
    shape = draw(st.tuples(st.integers(2, 5), st.sampled_from([2, 5, 130]), st.integers(2, 9)))
    rng, kind = np.random.default_rng(draw(st.integers(0, 99))), draw(st.sampled_from(KINDS))
    bits = rng.integers(0, 256, (*shape, np.dtype(kind).itemsize), np.uint8)
    samples = np.ascontiguousarray(bits).view(kind)[..., 0]
    if (
        kind == "f4"
    ):  # what no file of OpendTect tells from another: NaN, and what it calls undefined
        samples[~(np.abs(samples) < 1e29)] = np.nan
    live = rng.random(shape[:2]) < draw(st.sampled_from([0.5, 0.9, 1]))
    live[0, 0] = live[-1, -1] = True
    lines = [draw(st.integers(*each)) for each in ((-50, 3000), (1, 9999), (1, 3), (1, 4))]
    domain: Domain = draw(st.sampled_from(["time", "depth"]))
    start, step = draw(st.sampled_from([(0.0, 4.0), (500.0, 2.0), (1000.0, 12.5), (-100.0, 1.0)]))
    samples[~live] = np.nan if kind == "f4" else 0
    return samples, live, lines, SampleAxis(domain, start, step, shape[2])


@pytest.mark.slow
@given(surveys())
@settings(max_examples=15)
def test_from_zarr_to_cbvs_to_zarr_every_sample_is_kept(
    tmp_path_factory: pytest.TempPathFactory,
    survey: tuple[NDArray[Any], NDArray[np.bool_], list[int], SampleAxis],
) -> None:
    samples, live, (first, column, step, over), axis = survey
    folder = tmp_path_factory.mktemp("there")
    rows, columns = (
        np.arange(n, dtype=np.int32) * by + start
        for n, by, start in zip(samples.shape, (step, over), (first, column), strict=False)
    )
    affine = (6e5, 24.0, 3.5, 5.9e6, -7.0, 12.0)
    geometry = grid_geometry(rows, columns, axis, affine, live)
    variable = Variable("amplitude", samples.dtype, "1", "amplitude")
    about = {"domain": axis.domain, "affine": affine, "key": "a" * 64}
    create_volume(folder / "a.zarr", geometry, [variable], about)
    for at in range(0, samples.shape[1], 128):
        part = slice(at, min(at + 128, samples.shape[1]))
        region = slice(0, len(rows)), part, slice(0, axis.count)
        write_region(folder / "a.zarr", "amplitude", region, samples[region], live[region[:2]])
    finish(folder / "a.zarr", {})
    assert run(["export", str(folder / "a.zarr"), str(folder / "a.cbvs")]) == COMPLETE
    plain = read_plain(folder / "a.cbvs")
    for i, j in product(range(len(rows)), range(len(columns))):
        assert ((rows[i], columns[j]) in plain.traces) == live[i, j]
    back = ["ingest", str(folder / "a.cbvs"), str(folder / "b.zarr"), "--domain", axis.domain]
    assert run(back) == COMPLETE
    before, after = (xr.open_zarr(folder / f"{n}.zarr", chunks=None) for n in "ab")
    assert after.amplitude.dtype == samples.dtype
    np.testing.assert_array_equal(after.amplitude.values.view("u1"), _same_nan(before).view("u1"))
    for name in ("inline", "crossline", axis.name, "cdp_x", "cdp_y", "live_mask"):
        np.testing.assert_allclose(after[name].values, before[name].values, rtol=1e-7)
    shutil.rmtree(folder)


def _same_nan(volume: xr.Dataset) -> NDArray[Any]:
    values = np.asarray(volume.amplitude.values)
    if values.dtype.kind == "f":
        values = np.where(np.isnan(values), np.float32(np.nan), values)
    return values


@pytest.fixture
def made(tmp_path: Path) -> Path:
    rng = np.random.default_rng(4)
    traces = {
        (row, column): [rng.standard_normal(4).astype(np.float32)]
        for row, column in product(range(1, 141), range(1, 10))
        if rng.random() > 0.05
    }
    return make_cbvs(tmp_path / "made.cbvs", traces)


def check(folder: Path, *command: object) -> None:
    """Kill a command at some of its writes; what goes on has to end in the same bytes."""
    folder.mkdir()
    line = [sys.executable, "-m", "tests.kill_points", folder / "work", KILLS, *command]
    answer = subprocess.run(
        list(map(str, line)), capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.slow
@pytest.mark.timeout(280)
def test_ways_in_and_out_may_end_before_any_write(made: Path, tmp_path: Path) -> None:
    check(tmp_path / "in", "ingest", made, "out.zarr")
    assert run(["ingest", str(made), str(tmp_path / "volume.zarr")]) == COMPLETE
    check(tmp_path / "out", "export", tmp_path / "volume.zarr", "out.cbvs")


@pytest.mark.slow
@pytest.mark.timeout(280)
def test_memory_does_not_grow_with_the_volume(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    most: list[tuple[int, int]] = []
    axis = SampleAxis("time", 0.0, 4.0, 500)
    for n in (256, 768):
        lines = np.arange(1, n + 1, dtype=np.int32)
        affine = (0.0, 25.0, 0.0, 0.0, 0.0, 25.0)
        geometry = grid_geometry(lines, lines, axis, affine, np.ones((n, n), bool))
        path, store = tmp_path / f"{n}.cbvs", tmp_path / f"{n}.zarr"
        lay_out(path, geometry, [Component("Seismic", np.dtype("f4"))])  # a hole of zeros
        way_in = peak(2, "ingest", path, store, home=tmp_path)
        way_out = peak(2, "export", store, tmp_path / f"{n}-out.cbvs", home=tmp_path)
        most.append((way_in.driver, way_out.driver))
    said = f"{4e-6 * 500 * 768**2:.0f} MB: {[round(each / MIB) for each in most[1]]} MiB"
    with capsys.disabled():
        sys.stdout.write(f"\n{said} in and out ")
    for small, big in zip(*most, strict=True):
        assert big - small < 64 * MIB
        assert big < 400 * MIB
