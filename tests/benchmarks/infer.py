"""Fault inference beside the reference U-Net and beside the bare network: ``make bench-infer``.

Three questions, answered in one run on the same processor with the same number of threads:

- What does the network cost, beside the one that everyone knows: a U-Net of FaultSeg3D's size, built here,
  by ``model.predict`` on tiles of 128 that overlap by 16? A tile of each is timed in turn; a survey's time is
  that of a tile times the tiles it takes, overlap, halo and all.
- What does the whole stage cost (read Zarr, normalize, predict, write Zarr, on worker processes) beside the
  same workers calling the same network on tiles that lie in memory?
- How far from the processor is it: GFLOP/s beside those of a matrix product of 3000 x 3000.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from math import ceil, prod
from pathlib import Path
from typing import Literal

from distributed import Client

from deploy.cluster import connect
from models.tiles import Tiling, choose_tiling, tile_grid
from storage.layout import volume_grid
from tasks.convert import Conversion, convert
from tasks.ensemble import FaultNetworks, ViewNetwork, fault_networks
from tasks.infer import infer
from tasks.ingest import ingest
from tasks.network import ExportName
from tasks.plan import ARRAY_BYTES, plan
from tasks.preload import preload, runtime_of
from tasks.scan import scan_survey
from tasks.synthesize import ExampleRecipe
from tests.benchmarks.cube import write_cube
from tests.benchmarks.network_times import (
    alone,
    measure_reference,
    noise,
    time_network,
    time_reference,
)
from tests.benchmarks.reference_network import HALF, OVERLAP, REFERENCE_SIDE

Shape = tuple[int, int, int]

F3: Shape = (650, 950, 462)
SAY = sys.stdout.write


def tiles_of(shape: Shape, side: int, step: int) -> int:
    """Return how many tiles of a side cover a survey when each begins a step after the one before."""
    return prod(max(1, ceil((n - (side - step)) / step)) for n in shape)


def tiling_of(shape: Shape, network: ViewNetwork, gib: float) -> Tiling:
    """Return the tiling that a run would choose."""
    shards = volume_grid(shape).shards
    facts = network.facts
    return choose_tiling(
        shape,
        (shards[0], shards[1]),
        stride=facts.stride,
        halo=facts.halo,
        bytes_per_sample=facts.bytes_per_sample + ARRAY_BYTES,
        memory_bytes=int(gib * 2**30),
    )


def redundancy(tiling: Tiling) -> float:
    """Return the samples that the network sees for each sample of the survey."""
    return sum(tiling.input_samples(tile)[0] for tile in tile_grid(tiling)) / prod(tiling.survey)


@dataclass(frozen=True, slots=True)
class Lean:
    """A network of ours with the tiles it is timed on, one for each tile memory."""

    runtime: str
    network: ViewNetwork
    tilings: dict[float, Tiling]

    def tiles(self) -> list[Shape]:
        """Return the shape of the largest input of each tiling."""
        return [max(_inputs(tiling), key=prod) for tiling in self.tilings.values()]


def ours(folder: Path, options: argparse.Namespace) -> list[Lean]:
    """Return the default network in each runtime that is asked for, converted where it must be."""
    found = []
    for runtime in options.runtimes.split(","):
        view = _networks(folder, runtime, options.threads).view(line=False)
        tilings = {gib: tiling_of(options.shape, view, gib) for gib in options.tile_memory}
        found.append(Lean(runtime, view, tilings))
    return found


def _networks(
    folder: Path, runtime: ExportName | Literal["tensorflow"], threads: int
) -> FaultNetworks:
    """Return graben's own networks for a runtime; exports lie in a folder of copies."""
    if runtime == "tensorflow":
        return fault_networks(None)
    weights = Path(fault_networks(None).folder)
    for path in weights.iterdir():
        if path.stem in ("lean16", "section24", "fast") and not (folder / path.name).exists():
            (folder / path.name).write_bytes(path.read_bytes())
    examples = ExampleRecipe(seed=205, count=4, size=(96, 96, 96), preset="mixed")
    scored = ExampleRecipe(seed=305, count=1, size=(96, 96, 96), preset="holdout")
    for name in ("lean16", "section24"):
        conversion = Conversion(runtime, examples, scored, threads=threads)
        alone(convert, folder / f"{name}.keras", None, conversion)
    return fault_networks(folder / "fast.json", runtime=runtime)


def compare_networks(leans: list[Lean], options: argparse.Namespace) -> None:
    """Print the table of networks alone, each in a process of its own, in turn."""
    known = alone(measure_reference, options.threads)
    times: dict[str, list[list[float]]] = {}
    for _ in range(options.rounds):
        times.setdefault("reference", []).append(alone(time_reference, options.threads))
        for lean in leans:
            found = alone(time_network, lean.network.with_threads(options.threads), lean.tiles())
            times.setdefault(lean.runtime, []).append(found)
    middle = {
        name: [statistics.median(each) for each in zip(*rounds, strict=True)]
        for name, rounds in times.items()
    }
    survey, block = prod(options.shape), REFERENCE_SIDE**3
    tiles = tiles_of(options.shape, REFERENCE_SIDE, REFERENCE_SIDE - OVERLAP)
    half = tiles_of(options.shape, REFERENCE_SIDE, HALF)
    (reference,) = middle["reference"]
    seconds = reference * tiles
    SAY(
        f"Survey of {'x'.join(map(str, options.shape))}, {survey / 1e6:.0f} million samples, "
        f"{options.threads} threads, medians of {options.rounds}; "
        f"matrix product {known.matrix_rate:.0f} GFLOP/s\n\n"
        "| network | samples a second, alone | GFLOP/s | seen for each kept | survey, s | "
        "times the reference | beside 50 % overlap |\n|---|---|---|---|---|---|---|\n"
        f"| U-Net, {known.parameters / 1e6:.2f} M parameters | {block / reference / 1e6:.2f} M | "
        f"{known.gflop / reference:.0f} | {tiles * block / survey:.2f} | {seconds:.0f} | 1 | - |\n"
    )
    for lean in leans:
        for (gib, tiling), tile, took in zip(
            lean.tilings.items(), lean.tiles(), middle[lean.runtime], strict=True
        ):
            per_second = prod(tile) / took
            seen = redundancy(tiling)
            own = seen * survey / per_second
            SAY(
                f"| graben fast, {lean.runtime}, {gib:g} GiB a tile, k = {tiling.shards} | "
                f"{per_second / 1e6:.2f} M | {known.own_gflop * per_second / 1e6:.0f} | {seen:.2f} | "
                f"{own:.0f} | {seconds / own:.1f} | {reference * half / own:.1f} |\n"
            )
    sys.stdout.flush()


def bare(network: ViewNetwork, shapes: list[Shape]) -> float:
    """Return the seconds that a network alone takes on tiles in memory; runs on a worker."""
    runtime = runtime_of(network)
    total = 0.0
    for shape in shapes:
        tile = noise(shape)
        begun = time.perf_counter()
        runtime.predict(tile)
        total += time.perf_counter() - begun
    return total


def compare_stage(folder: Path, lean: Lean, options: argparse.Namespace) -> None:
    """Print what the stage costs beside the network alone on the same workers, in the last runtime."""
    segy, volume = folder / "cube.sgy", folder / "volume.zarr"
    write_cube(segy, options.stage)
    survey = scan_survey(segy)
    begun = time.perf_counter()
    ingest(survey, volume, identity={"bench": "infer"})
    ingested = time.perf_counter() - begun
    network = lean.network.with_threads(max(1, options.threads // options.workers))
    planned = plan(survey.geometry, network.facts, int(options.tile_memory[-1] * 2**30))
    shapes = _inputs(planned.tiling)
    with connect(workers=options.workers, worker_bytes=planned.worker_bytes) as client:
        preload(client, network)
        _on_all(client, network, shapes)  # loads, and takes its memory once
        bare_s, stage = [], []
        for number in range(options.rounds):
            bare_s.append(_on_all(client, network, shapes))
            begun = time.perf_counter()
            infer(
                volume,
                folder / f"faults{number}.zarr",
                network,
                identity={"round": number},
                tiling=planned.tiling,
                threshold=0.5,
                client=client,
            )
            stage.append(time.perf_counter() - begun)
    ratios = [each / whole for each, whole in zip(bare_s, stage, strict=True)]
    SAY(
        f"\nStage on {'x'.join(map(str, options.stage))}, {lean.runtime}, {options.workers} workers "
        f"of {max(1, options.threads // options.workers)} threads, "
        f"{options.tile_memory[-1]:g} GiB a tile, {len(shapes)} tiles, seen {planned.redundancy:.2f} for "
        f"each kept:\n  network alone {statistics.median(bare_s):.1f} s, whole stage "
        f"{statistics.median(stage):.1f} s, {100 * statistics.median(ratios):.0f} % of its rate "
        f"(goal: 85 %); before it the SEG-Y file became Zarr in {ingested:.1f} s\n"
    )


def _inputs(tiling: Tiling) -> list[Shape]:
    """Return the shapes of what the network sees, tile by tile."""
    shapes = []
    for tile in tile_grid(tiling):
        a, b, c = (tiling.seen(axis, core) for axis, core in enumerate(tile.core))
        shapes.append((a[1] - a[0], b[1] - b[0], c[1] - c[0]))
    return shapes


def _on_all(client: Client, network: ViewNetwork, shapes: list[Shape]) -> float:
    """Return the seconds until all workers have predicted all tiles, one task a tile."""
    begun = time.perf_counter()
    client.gather([client.submit(bare, network, [shape], pure=False) for shape in shapes])
    return time.perf_counter() - begun


def _numbers(text: str) -> tuple[float, ...]:
    return tuple(map(float, text.split(",")))


def _shape(text: str) -> Shape:
    a, b, c = map(int, text.split("x"))
    return a, b, c


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="make bench-infer BENCH=...")
    parser.add_argument(
        "--shape", type=_shape, default=F3, help="of the survey whose time is told"
    )
    parser.add_argument(
        "--stage", type=_shape, default=(512, 512, 462), help="of the cube that is run"
    )
    parser.add_argument(
        "--tile-memory", type=_numbers, default=(4.0, 12.0), help="GiB, the last one for the stage"
    )
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--runtimes", default="tensorflow,openvino,openvino-int8")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        leans = ours(Path(folder), options)
        compare_networks(leans, options)
        compare_stage(Path(folder), leans[-1], options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
