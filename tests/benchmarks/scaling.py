"""What more workers bring: one and two measured, a thousand simulated: ``make bench-scaling``.

Rewrites the measured part of ``docs/scaling.md``; the model and its assumptions stand there in words, and in
`tests.benchmarks.cluster_model` in code.
"""

import argparse
import os
import platform
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from deploy.cluster import connect
from flows.settings.faults import FindFaults
from models.tiles import Tiling, choose_tiling, tile_grid
from storage.layout import volume_grid
from tasks.ensemble import ViewNetwork, fault_networks
from tasks.infer import infer
from tasks.ingest import ingest
from tasks.plan import ARRAY_BYTES
from tasks.scan import scan_survey
from tests.benchmarks import scheduler
from tests.benchmarks.cluster_model import Costs, Survey, simulate
from tests.plain_survey import write_regular

DOCUMENT = Path(__file__).parents[2] / "docs" / "scaling.md"
BEGIN, END = "<!-- measured -->\n", "<!-- end -->\n"

WORKERS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000)
SURVEYS = {"F3": (650, 950, 462), "100 F3": (6500, 9500, 462)}
STORES = {"this disk": 0.0, "1 GB/s": 1e9, "10 GB/s": 1e10}
TILE_MEMORY = int(FindFaults.model_fields["tile_memory"].default * 2**30)
Shape = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Stage:
    """An inference stage as it ran: until the first tile could begin, and from there."""

    start_s: float
    seconds: float


def measure_stage(volume: Path, network: ViewNetwork, tiling: Tiling, workers: int) -> Stage:
    """Run the stage on so many local workers; the network is loaded before it is timed."""
    began = time.perf_counter()
    run = partial(infer, volume, identity={"scaling": workers}, tiling=tiling, threshold=0.5)
    with connect(workers=workers) as client, tempfile.TemporaryDirectory() as folder:
        # Every worker loads, and builds its graph.
        run(Path(folder) / "first.zarr", network, client=client)
        start_s, began = time.perf_counter() - began, time.perf_counter()
        run(Path(folder) / "second.zarr", network, client=client)
        seconds = time.perf_counter() - began
    return Stage(start_s - seconds, seconds)


def disk_bytes_per_s(folder: Path, size: int = 128 << 20) -> float:
    """Return how fast a file comes onto the disk, flushed."""
    block = np.random.default_rng(0).bytes(1 << 20)
    began = time.perf_counter()
    with (folder / "block").open("wb") as file:
        for _ in range(size >> 20):
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    return size / (time.perf_counter() - began)


def tiling_of(shape: Shape, network: ViewNetwork) -> Tiling:
    """Return how a run cuts a survey."""
    shards, facts = volume_grid(shape).shards, network.facts
    return choose_tiling(
        shape,
        (shards[0], shards[1]),
        stride=facts.stride,
        halo=facts.halo,
        bytes_per_sample=facts.bytes_per_sample + ARRAY_BYTES,
        memory_bytes=TILE_MEMORY,
    )


def survey_of(tiling: Tiling, cost: float) -> Survey:
    """Return the work of a tiling as equal tiles."""
    read = [tiling.input_samples(tile)[0] for tile in tile_grid(tiling)]
    written = float(np.prod(tiling.survey)) / len(read)
    mean = float(np.mean(read))
    return Survey(len(read), cost * mean, 4 * mean, 4 * written)


def table(heads: list[str], rows: list[list[str]]) -> str:
    """Return a table in Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def measured(shape: Shape, jobs: int) -> str:
    """Return the measured part of the document."""
    network = fault_networks(None).view(line=False)
    # One shard a tile, so that a small survey has several.
    tiling = replace(tiling_of(shape, network), shards=1)
    small = survey_of(tiling, network.facts.cost)
    with tempfile.TemporaryDirectory() as folder:
        volume = Path(folder) / "volume.zarr"
        survey = scan_survey(write_regular(Path(folder) / "survey.sgy", shape))
        ingest(survey, volume, identity={"scaling": shape})
        stages = {n: measure_stage(volume, network, tiling, n) for n in (1, 2)}
        disk = disk_bytes_per_s(Path(folder))
    null = scheduler.measure(jobs, 2)
    rate = small.tiles * small.samples / stages[1].seconds
    costs = Costs(stages[2].start_s, rate, null.driver_cpu + null.scheduler_cpu, disk)
    return "\n".join(
        [_parameters(costs), _small(shape, small, stages, costs), *_large(network, costs)]
    )


def _parameters(costs: Costs) -> str:
    cores, load = len(os.sched_getaffinity(0)), os.getloadavg()[0]
    rows = [
        ["samples a second and worker, whole stage", f"{costs.samples_per_s / 1e6:.2f} million"],
        ["scheduler and driver, a job", f"{1e3 * costs.job_s:.1f} ms of processor time"],
        ["store, flushed to this disk", f"{costs.store_bytes_per_s / 1e6:.0f} MB/s"],
        ["start of two workers with the network", f"{costs.start_s:.1f} s"],
    ]
    return (
        f"Measured on {cores} cores ({platform.machine()}), load {load:.1f}, by `make bench-scaling`.\n\n"
        + table(["parameter", "value"], rows)
    )


def _small(shape: Shape, small: Survey, stages: dict[int, Stage], costs: Costs) -> str:
    rows = []
    for workers, stage in stages.items():
        model = simulate(small, costs, workers) - costs.start_s
        gain = stages[1].seconds / stage.seconds
        rows.append([str(workers), f"{stage.seconds:.1f}", f"{model:.1f}", f"{gain:.2f}"])
    sides = " x ".join(map(str, shape))
    return f"{sides} samples in {small.tiles} tiles, without the start:\n\n" + table(
        ["workers", "measured s", "model s", "times one worker"], rows
    )


def _large(network: ViewNetwork, costs: Costs) -> list[str]:
    parts = []
    for name, shape in SURVEYS.items():
        tiling = tiling_of(shape, network)
        work = survey_of(tiling, network.facts.cost)
        rows = []
        for workers in WORKERS:
            row = [str(workers)]
            for bandwidth in STORES.values():
                store = Costs(
                    costs.start_s,
                    costs.samples_per_s,
                    costs.job_s,
                    bandwidth or costs.store_bytes_per_s,
                )
                seconds, one = (simulate(work, store, n) for n in (workers, 1))
                row += [f"{seconds:.0f}", f"{one / seconds / workers:.0%}"]
            rows.append(row)
        redundancy = work.samples / network.facts.cost * work.tiles / float(np.prod(shape))
        heads = ["workers", *(head for store in STORES for head in (f"s, {store}", "of linear"))]
        parts.append(
            f"{name}, {' x '.join(map(str, shape))}: {work.tiles} tiles of {tiling.shards} x "
            f"{tiling.shards} shards, redundancy {redundancy:.2f}, simulated:\n\n"
            + table(heads, rows)
        )
    return parts


def main() -> int:
    """Print the measured part, and put it into the document."""
    parser = argparse.ArgumentParser(prog="make bench-scaling BENCH=...")
    parser.add_argument("--shape", default="768,512,96", help="survey that is run")
    parser.add_argument("--jobs", type=int, default=5000, help="null jobs for the scheduler")
    parser.add_argument("--print", action="store_true", help="leave the document as it is")
    options = parser.parse_args()
    n_inline, n_crossline, n_sample = map(int, options.shape.split(","))
    text = measured((n_inline, n_crossline, n_sample), options.jobs)
    sys.stdout.write(text)
    if not options.print:
        before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        DOCUMENT.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
