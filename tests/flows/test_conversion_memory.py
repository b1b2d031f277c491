"""What conversions take of memory: bytes a trace, shards a thread, and a constant, fitted and bounded."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
import pytest

from tests.flows.running import ROOT, environment, high_water
from tests.plain_survey import write_regular

pytestmark = [pytest.mark.slow, pytest.mark.timeout(290)]

MIB = 1 << 20
SHARDS_A_THREAD, BYTES_A_TRACE, CONSTANT = 2.5, 24, 128 * MIB
"""The bound: shards of samples with their headers, the trace map, and Python with its libraries."""

BYTES_A_TRACE_OF_SCAN = 36
"""Trace map and coordinates, 24 bytes, and the histograms of all jobs, wide for such short traces: 25 to 32
are seen, as threads meet their peaks together or not."""

WORKER_MEMORY = 450 * MIB

Shape = tuple[int, int, int]
FEW: Shape = (256, 256, 8)
MANY: Shape = (2048, 1024, 8)
SHORT: Shape = (128, 256, 1000)
LONG: Shape = (128, 256, 4000)
LARGE: Shape = (128, 512, 4000)
LONGEST: Shape = (64, 128, 16_000)
DENSE: Shape = (128, 128, 4000)

START = "import os, sys; os.cpu_count = lambda: {}; from flows.__main__ import main; main()"


@dataclass(frozen=True, slots=True)
class Peak:
    """Most memory that the command held, and that one of its workers held, bytes."""

    driver: int
    worker: int


def peak(threads: int, *arguments: object, home: Path) -> Peak:
    """Run a command on so many threads, and watch it and the processes that it starts."""
    with (home / "said.txt").open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-c", START.format(threads), *map(str, arguments)],
            stdout=said,
            stderr=said,
            cwd=ROOT,
            env=environment(home),
        )
        watched = psutil.Process(process.pid)
        most: dict[int, int] = {}
        while process.poll() is None:
            for each in (process.pid, *(child.pid for child in watched.children())):
                most[each] = max(most.get(each, 0), high_water(each))
            time.sleep(0.01)
    assert process.returncode == 0, (home / "said.txt").read_text()
    driver = most.pop(process.pid)
    return Peak(driver, max(most.values(), default=0))


def write_survey(path: Path, shape: Shape) -> Path:
    """Write a survey with amplitudes of many magnitudes, as histograms of real ones are wide.

    Of long traces all but the headers is a hole in the file.
    """
    if shape[2] > 64:
        write_regular(path, (*shape[:2], 1))
        return stretch(path, shape)
    write_regular(path, shape)
    record = np.dtype([("header", "u1", 240), ("samples", ">f4", shape[2])])
    samples = np.memmap(path, record, "r+", 3600, (shape[0], shape[1]))["samples"]
    rng = np.random.default_rng(9)
    for line in samples:
        line[:] = rng.standard_normal(line.shape) * np.exp(3 * rng.standard_normal(line.shape))
    return path


def stretch(path: Path, shape: Shape) -> Path:
    """Give the traces of a file more samples, without writing them."""
    content = np.fromfile(path, np.uint8)
    head, records = content[:3600].copy(), content[3600:].reshape(-1, 244)[:, :240]
    count = np.frombuffer(np.array(shape[2], ">i2").tobytes(), np.uint8)
    head[20:22] = count
    with path.open("wb") as file:
        file.write(head.data)
        for number, header in enumerate(records):
            file.seek(3600 + number * (240 + 4 * shape[2]))
            header[114:116] = count
            file.write(header.tobytes())
        file.truncate(3600 + len(records) * (240 + 4 * shape[2]))
    return path


def write_odd_words(path: Path, shape: Shape) -> Path:
    """Write IBM words of which float32 does not give half back."""
    write_regular(path, shape)
    with path.open("rb+") as file:
        file.seek(3224)
        file.write(bytes([0, 1]))
    record = np.dtype([("header", "u1", 240), ("samples", ">u4", shape[2])])
    samples = np.memmap(path, record, "r+", 3600, (shape[0], shape[1]))["samples"]
    rng = np.random.default_rng(9)
    for line in samples:
        line[:] = rng.integers(0, 1 << 32, line.shape, np.uint32)
    return path


def shard_bytes(shape: Shape) -> int:
    side = 128 if shape[2] <= 4096 else 64
    return side**2 * (240 + 4 * shape[2])


def bound(shape: Shape, threads: int, a_trace: float) -> float:
    return (
        threads * SHARDS_A_THREAD * shard_bytes(shape) + a_trace * shape[0] * shape[1] + CONSTANT
    )


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    shutil.rmtree(tmp_path)  # gigabytes


def peaks(home: Path, shape: Shape, threads: int) -> tuple[int, int]:
    """Return the peaks of ingest and export."""
    survey, volume = home / f"{shape}.sgy", home / f"{shape}.zarr"
    if not survey.exists():
        write_survey(survey, shape)
    ingest = peak(threads, "ingest", survey, volume, "--overwrite", home=home)
    export = peak(threads, "export", volume, home / "out.sgy", "--overwrite", home=home)
    return ingest.driver, export.driver


def test_memory_grows_with_traces_as_their_map_does(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few, many = (np.array(peaks(home, shape, 2)) for shape in (FEW, MANY))
    more = MANY[0] * MANY[1] - FEW[0] * FEW[1]
    ingest, export = (many - few) / more
    tell(
        capsys,
        f"{ingest:.1f} bytes a trace in ingest, {export:.1f} in export; "
        f"{few[0] / MIB:.0f} and {few[1] / MIB:.0f} MiB with {FEW[0] * FEW[1]} traces",
    )
    assert ingest < BYTES_A_TRACE_OF_SCAN
    assert export < BYTES_A_TRACE
    assert many[0] < bound(MANY, 2, BYTES_A_TRACE)
    assert many[1] < bound(MANY, 2, BYTES_A_TRACE)


def test_memory_grows_with_threads_by_few_shards(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    short, one, two = (
        np.array(peaks(home, shape, threads))
        for shape, threads in ((SHORT, 1), (LONG, 1), (LONG, 2))
    )
    more = shard_bytes(LONG) - shard_bytes(SHORT)
    of_depth, of_thread = (one - short) / more, (two - one) / shard_bytes(LONG)
    tell(
        capsys,
        f"shards a thread in ingest {of_depth[0]:.2f}, a second thread {of_thread[0]:.2f}; "
        f"in export {of_depth[1]:.2f} and {of_thread[1]:.2f}; "
        f"{two[0] / MIB:.0f} and {two[1] / MIB:.0f} MiB with 2 threads and shards of "
        f"{shard_bytes(LONG) / MIB:.0f} MiB",
    )
    assert max(of_depth) < SHARDS_A_THREAD
    assert max(of_thread) < SHARDS_A_THREAD
    for peak_of_one, peak_of_two in zip(one, two, strict=True):
        assert peak_of_one < bound(LONG, 1, BYTES_A_TRACE)
        assert peak_of_two < bound(LONG, 2, BYTES_A_TRACE)


@pytest.mark.parametrize(
    ("shape", "write"), [(LONGEST, write_survey), (DENSE, write_odd_words)], ids=["long", "dense"]
)
def test_long_traces_and_odd_words_take_no_more_shards_a_thread(
    home: Path,
    shape: Shape,
    write: Callable[[Path, Shape], Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    write(home / f"{shape}.sgy", shape)
    taken = peaks(home, shape, 1)
    tell(
        capsys,
        f"{taken[0] / MIB:.0f} and {taken[1] / MIB:.0f} MiB with a thread and shards of "
        f"{shard_bytes(shape) / MIB:.0f} MiB",
    )
    assert max(taken) < bound(shape, 1, BYTES_A_TRACE)


def test_workers_convert_a_file_larger_than_their_memory(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    survey, volume, out = (home / name for name in ("in.sgy", "volume.zarr", "out.sgy"))
    write_survey(survey, LARGE)
    assert survey.stat().st_size > 2 * WORKER_MEMORY  # larger than both together
    workers = ("--workers", 2, "--worker-memory", f"{WORKER_MEMORY // MIB}MiB")
    lines = []
    for line in (("ingest", survey, volume), ("export", volume, out)):
        most = peak(2, *line, *workers, home=home)
        said = (home / "said.txt").read_text()
        lines.append(f"{line[0]} {most.driver / MIB:.0f} MiB and {most.worker / MIB:.0f} a worker")
        assert "Pausing" not in said, said
        assert "exceeded" not in said, said
        assert most.worker < WORKER_MEMORY
        assert most.driver < bound((0, 0, 0), 0, 0) + 64 * MIB  # Dask's scheduler beside it
    tell(capsys, "; ".join(lines))
    assert survey.stat().st_size == out.stat().st_size


def tell(capsys: pytest.CaptureFixture[str], line: str) -> None:
    """Show what was measured, whatever becomes of the test."""
    with capsys.disabled():
        sys.stdout.write(f"\n{line}\n")
