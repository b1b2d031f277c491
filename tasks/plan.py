"""What a run would do and need, from the shape of a survey alone; nothing is written."""

from dataclasses import dataclass, replace

from distributed import Client

from models.errors import ParameterError
from models.tiles import Tiling, choose_tiling, tile_grid
from storage.geometry import SurveyGeometry
from storage.layout import lateral_blocks, volume_grid
from storage.segy.writer import record_bytes
from tasks.infer import NetworkFacts

ARRAY_BYTES = 12
"""What a tile's own arrays take for each sample of the network's input, beside the network: normalized
samples, the same with the last stride completed, and what is kept of the predictions."""

WORKER_BYTES = 700 << 20
"""What a worker process takes with the network loaded and nothing to do."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Jobs, tiles and sizes of a run.

    Parameters
    ----------
    tiling
        How the network sees the survey.
    jobs, tiles
        Number of jobs of ingest and export, and of tiles.
    redundancy
        Samples the networks predict for each sample of the survey, all passes together.
    tile_bytes
        Peak memory of one tile, by the network's measured bytes a sample.
    output_bytes
        Size of the stores before compression, and of the SEG-Y file.
    """

    tiling: Tiling
    jobs: int
    tiles: int
    redundancy: float
    tile_bytes: int
    output_bytes: int

    @property
    def worker_bytes(self) -> int:
        """Memory that a worker needs to predict one tile."""
        return WORKER_BYTES + self.tile_bytes


def plan(geometry: SurveyGeometry, facts: NetworkFacts, memory_bytes: int) -> Plan:
    """Return the plan of a run.

    Raises
    ------
    ParameterError
        If a tile cannot fit the memory.
    """
    shape, samples = geometry.shape, geometry.samples.count
    shards = volume_grid(shape).shards
    tiling = choose_tiling(
        shape,
        (shards[0], shards[1]),
        stride=facts.stride,
        halo=facts.halo,
        bytes_per_sample=facts.bytes_per_sample + ARRAY_BYTES,
        memory_bytes=memory_bytes,
    )
    tiles = seen = largest = 0
    for tile in tile_grid(tiling):
        total, most = tiling.input_samples(tile)
        tiles, seen, largest = tiles + 1, seen + total, max(largest, most)
    cells = shape[0] * shape[1]
    return Plan(
        tiling,
        len(lateral_blocks(shape, shards)),
        tiles,
        facts.cost * seen / (cells * samples),
        largest * (facts.bytes_per_sample + ARRAY_BYTES),
        cells * (2 * 4 * samples + 2 * 240)
        + int(geometry.live_mask.sum()) * record_bytes(samples),
    )


def with_surfaces(planned: Plan, geometry: SurveyGeometry) -> Plan:
    """Return the plan of a run that finds surfaces too.

    These are four volumes, two more while they are made, and a SEG-Y file, of samples of four bytes.
    """
    cells, samples = geometry.shape[0] * geometry.shape[1], geometry.samples.count
    more = 6 * 4 * cells * samples + int(geometry.live_mask.sum()) * record_bytes(samples)
    return replace(planned, output_bytes=planned.output_bytes + more)


def check_workers(client: Client, planned: Plan) -> None:
    """Refuse workers that cannot hold a tile, before anything is written.

    Raises
    ------
    ParameterError
        With what a tile needs and what a worker has.
    """
    workers = client.scheduler_info(n_workers=-1)["workers"].values()
    limits = [worker["memory_limit"] for worker in workers if worker["memory_limit"]]
    if limits and min(limits) < planned.worker_bytes:
        raise ParameterError(
            "--tile-memory",
            f"{planned.tile_bytes / 2**30:.2f} GiB for the largest tile",
            f"With the network a worker needs {planned.worker_bytes / 2**30:.2f} GiB and has "
            f"{min(limits) / 2**30:.2f} GiB: lower it, use fewer --workers or more --worker-memory.",
        )
