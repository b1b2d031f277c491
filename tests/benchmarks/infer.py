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
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, prod
from pathlib import Path
from typing import Literal

import numpy as np
from distributed import Client
from numpy.typing import NDArray

from deploy.cluster import connect
from models.runtime.quiet import quiet_start
from models.tiles import Tiling, choose_tiling, tile_grid
from storage.layout import volume_grid
from storage.volume import attributes_of, geometry_of
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

Shape = tuple[int, int, int]
Samples = NDArray[np.float32]

F3: Shape = (650, 950, 462)
REFERENCE_SIDE, OVERLAP, HALF = 128, 16, 64
SAY = sys.stdout.write


def reference_network() -> tuple[Callable[[Samples], Samples], int, float]:
    """Return the U-Net of FaultSeg3D, untrained, as a function of a tile; parameters; GFLOP a tile.

    References
    ----------
    Wu, X., Liang, L., Shi, Y., Fomel, S. (2019). FaultSeg3D. Geophysics, 84(3), IM35-IM45.
    """
    with quiet_start():
        import keras
    from keras import layers

    def twice(features: object, width: int) -> object:
        for _ in range(2):
            features = layers.Conv3D(width, 3, padding="same", activation="relu")(features)
        return features

    inputs = keras.Input((None, None, None, 1))
    skips, features = [], inputs
    for width in (16, 32, 64):
        features = twice(features, width)
        skips.append(features)
        features = layers.MaxPooling3D()(features)
    features = twice(features, 128)
    for width, skip in zip((64, 32, 16), reversed(skips), strict=True):
        features = twice(layers.Concatenate()([layers.UpSampling3D()(features), skip]), width)
    network = keras.Model(inputs, layers.Conv3D(1, 1, activation="sigmoid")(features))

    def predict(tile: Samples) -> Samples:
        found: Samples = network.predict(tile[None, ..., None], verbose=0)[0, ..., 0]
        return found

    return predict, network.count_params(), _gigaflops(network, (REFERENCE_SIDE,) * 3)


def _gigaflops(network: object, sides: Shape) -> float:
    """Return the multiplications and additions of all convolutions for an input of these sides."""
    import keras
    import tensorflow as tf

    assert isinstance(network, keras.Model)
    names = [each for each in network.layers if isinstance(each, keras.layers.Conv3D)]
    probe = keras.Model(network.inputs, [each.output for each in names])
    signature = tf.TensorSpec((1, *sides, 1), tf.float32)
    shapes = tf.function(probe).get_concrete_function(signature).structured_outputs
    total = 0.0
    for layer, out in zip(names, tf.nest.flatten(shapes), strict=True):
        total += 2.0 * prod(layer.kernel.shape) * prod(out.shape[1:4])
    return total / 1e9


def matrix_rate() -> float:
    """Return the GFLOP/s of a float32 matrix product by TensorFlow, on the threads of the networks."""
    import tensorflow as tf

    side = 3000
    matrix = tf.random.normal((side, side))
    tf.linalg.matmul(matrix, matrix)
    return (
        2e-9
        * side**3
        / statistics.median(_seconds(lambda: tf.linalg.matmul(matrix, matrix).numpy(), 5))
    )


def _seconds(work: Callable[[], object], rounds: int) -> list[float]:
    found = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        found.append(time.perf_counter() - begun)
    return found


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
    """A network of ours, loaded, with the tile it is timed on."""

    name: str
    run: Callable[[Samples], object]
    tile: Samples
    tiling: Tiling


def ours(folder: Path, options: argparse.Namespace) -> list[Lean]:
    """Return the default network in each runtime that is asked for, converted where it must be."""
    found = []
    for runtime in options.runtimes.split(","):
        networks = _networks(folder, runtime, options.threads)
        view = networks.view(line=False).with_threads(options.threads)
        tiling = tiling_of(options.shape, view, options.tile_memory)
        loaded = view.load()
        largest = max(tile_grid(tiling), key=lambda tile: tiling.input_samples(tile)[0])
        sides = [tiling.seen(axis, core) for axis, core in enumerate(largest.core)]
        tile = _noise(tuple(last - first for first, last in sides))
        found.append(Lean(f"graben fast, {runtime}", loaded.predict, tile, tiling))
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
        convert(folder / f"{name}.keras", None, conversion)
    return fault_networks(folder / "fast.json", runtime=runtime)


def _noise(shape: tuple[int, ...]) -> Samples:
    return np.random.default_rng(0).standard_normal(shape, dtype=np.float32)


def compare_networks(folder: Path, options: argparse.Namespace) -> None:
    """Print the table of networks alone."""
    with quiet_start():
        from models.networks.training import use_threads
    use_threads(options.threads)
    reference, parameters, gflop = reference_network()
    block = _noise((REFERENCE_SIDE,) * 3)
    leans = ours(folder, options)
    reference(block)
    for lean in leans:
        lean.run(lean.tile)
    rate = matrix_rate()
    times: dict[str, list[float]] = {}
    for _ in range(options.rounds):
        times.setdefault("reference", []).extend(_seconds(lambda: reference(block), 1))
        for lean in leans:
            times.setdefault(lean.name, []).extend(_seconds(lambda: lean.run(lean.tile), 1))  # noqa: B023
    middle = {name: statistics.median(each) for name, each in times.items()}
    survey = prod(options.shape)
    tiles = tiles_of(options.shape, REFERENCE_SIDE, REFERENCE_SIDE - OVERLAP)
    half = tiles_of(options.shape, REFERENCE_SIDE, HALF)
    seconds = middle["reference"] * tiles
    SAY(
        f"Survey of {'x'.join(map(str, options.shape))}, {survey / 1e6:.0f} million samples, "
        f"{options.threads} threads, medians of {options.rounds}; matrix product {rate:.0f} GFLOP/s\n\n"
        "| network | samples a second, alone | GFLOP/s | seen for each kept | survey, s | "
        "times the reference | beside 50 % overlap |\n|---|---|---|---|---|---|---|\n"
        f"| U-Net, {parameters / 1e6:.2f} M parameters | {block.size / middle['reference'] / 1e6:.2f} M | "
        f"{gflop / middle['reference']:.0f} | {tiles * block.size / survey:.2f} | {seconds:.0f} | 1 | - |\n"
    )
    for lean in leans:
        per_second = lean.tile.size / middle[lean.name]
        seen = redundancy(lean.tiling)
        own = seen * survey / per_second
        SAY(
            f"| {lean.name}, k = {lean.tiling.shards} | {per_second / 1e6:.2f} M | | {seen:.2f} | "
            f"{own:.0f} | {seconds / own:.1f} | {middle['reference'] * half / own:.1f} |\n"
        )
    SAY("\nRedundancy of graben by tile memory:\n")
    network = fault_networks(None).view(line=False)
    for gib in (1, 2, 3, 4, 6, 8, 12):
        tiling = tiling_of(options.shape, network, gib)
        SAY(f"  {gib} GiB: k = {tiling.shards}, {redundancy(tiling):.2f}\n")


def bare(network: ViewNetwork, shapes: list[tuple[int, ...]]) -> float:
    """Return the seconds that a network alone takes on tiles in memory; runs on a worker."""
    runtime = runtime_of(network)
    total = 0.0
    for shape in shapes:
        tile = _noise(shape)
        begun = time.perf_counter()
        runtime.predict(tile)
        total += time.perf_counter() - begun
    return total


def compare_stage(folder: Path, options: argparse.Namespace) -> None:
    """Print what the stage costs beside the network alone on the same workers."""
    segy, volume = folder / "cube.sgy", folder / "volume.zarr"
    write_cube(segy, options.stage)
    survey = scan_survey(segy)
    network = fault_networks(None).view(line=False)
    planned = plan(survey.geometry, network.facts, int(options.tile_memory * 2**30))
    ingest(survey, volume, identity={"bench": "infer"})
    geometry = geometry_of(volume)
    tiling = planned.tiling
    shapes = []
    for tile in tile_grid(tiling):
        ends = [tiling.seen(axis, core) for axis, core in enumerate(tile.core)]
        shapes.append(tuple(last - first for first, last in ends))
    assert geometry.shape == tiling.survey
    assert attributes_of(volume)["complete"]
    with connect(workers=options.workers, worker_bytes=planned.worker_bytes) as client:
        preload(client, network)
        _on_all(client, network, shapes)  # loads, and takes its memory once
        alone, stage = [], []
        for number in range(options.rounds):
            alone.append(_on_all(client, network, shapes))
            begun = time.perf_counter()
            infer(
                volume,
                folder / f"faults{number}.zarr",
                network,
                identity={"round": number},
                tiling=tiling,
                threshold=0.5,
                client=client,
            )
            stage.append(time.perf_counter() - begun)
    ratios = [each / whole for each, whole in zip(alone, stage, strict=True)]
    SAY(
        f"\nStage on {'x'.join(map(str, options.stage))} with {options.workers} workers, {len(shapes)} "
        f"tiles, seen {planned.redundancy:.2f} for each kept:\n"
        f"  network alone {statistics.median(alone):.1f} s, whole stage {statistics.median(stage):.1f} s, "
        f"{100 * statistics.median(ratios):.0f} % of its rate (goal: 85 %)\n"
    )


def _on_all(client: Client, network: ViewNetwork, shapes: list[tuple[int, ...]]) -> float:
    """Return the seconds until all workers have predicted all tiles, one task a tile."""
    begun = time.perf_counter()
    client.gather([client.submit(bare, network, [shape], pure=False) for shape in shapes])
    return time.perf_counter() - begun


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
    parser.add_argument("--tile-memory", type=float, default=4.0)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--runtimes", default="tensorflow,openvino,openvino-int8")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        compare_networks(Path(folder), options)
        compare_stage(Path(folder), options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
