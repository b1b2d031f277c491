"""What a run would do and need, from the shape of a survey alone; nothing is written."""

from dataclasses import dataclass

from models.tiles import Tiling, choose_tiling, tile_grid
from storage.geometry import SurveyGeometry
from storage.layout import lateral_blocks, volume_grid
from storage.segy.writer import record_bytes
from tasks.infer import NetworkFacts


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
        Samples the network reads for each sample of the survey.
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
        bytes_per_sample=facts.bytes_per_sample,
        memory_bytes=memory_bytes,
    )
    tiles = tile_grid(shape, tiling)
    read = [tiling.input_samples(tile) for tile in tiles]
    cells = shape[0] * shape[1]
    return Plan(
        tiling,
        len(lateral_blocks(shape, shards)),
        len(tiles),
        sum(total for total, _ in read) / (cells * samples),
        max(largest for _, largest in read) * facts.bytes_per_sample,
        cells * (2 * 4 * samples + 2 * 240)
        + int(geometry.live_mask.sum()) * record_bytes(samples),
    )
