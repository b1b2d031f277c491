"""A fault run before it begins: input checked, output folder looked at, tiles planned; no Prefect here.

So wrong input is said within a second or two, before any server starts and before anything is written.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.settings.faults import FindSurfaces, MapFaults
from flows.survey_forms import AnySurvey, Input, look_at
from flows.survey_input import chosen
from storage.geometry import Domain
from storage.run_record import (
    Found,
    look,
    look_at_part,
    part_identity,
    read,
    refuse_inputs_among,
)
from tasks.ensemble import FaultNetworks, ViewNetwork, fault_networks
from tasks.fan_out import Progress
from tasks.plan import Plan, plan, with_surfaces

RECORD = "run.json"
OUTPUTS = VOLUME, FAULTS, CUBE, REPORT = "volume.zarr", "faults.zarr", "faults.sgy", "report.html"

SURFACES_PART = "surfaces"
SURFACE_OUTPUTS = TABLE, STICKS, STICK_SET, THINNED, SURFACES = (
    *("faults.csv", "sticks.csv", "sticks.dat"),
    *("thinned.sgy", "surfaces.zarr"),
)
SEGMENTS = ".surfaces.zarr.segments"
"""What surfaces are made from while they are under way."""

SMALLEST, SMALLEST_ON_LINE = 200, 20
"""Samples of the smallest fault, where nobody says."""

SURFACES_VERSION = 1
"""Part of their identity: a change of how surfaces are found makes old ones strangers."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A run that may begin, as far as a look at the file's first bytes and at --out can tell.

    Parameters
    ----------
    source
        The input, looked at.
    networks
        What finds faults.
    volume_identity, identity
        Facts that decide the amplitudes, and those that decide the probability.
    found
        What --out holds.
    surfaces
        Facts that decide the surfaces beside the probability, None where none are asked for.
    surfaces_alone
        --out holds everything else of this run.
    stale
        What --out holds of surfaces is of other settings.
    """

    source: Input
    networks: FaultNetworks
    volume_identity: dict[str, Any]
    identity: dict[str, Any]
    found: Found
    surfaces: dict[str, Any] | None
    surfaces_alone: bool = False
    stale: bool = False

    @property
    def surface_identity(self) -> dict[str, Any]:
        """Facts that decide the bytes of the surfaces."""
        return self.identity | (self.surfaces or {})


def prepare(settings: MapFaults) -> Prepared:
    """Check input, weights and output folder; nothing is written, and it takes no time.

    Raises
    ------
    SegyError, WeightsError, OutputError
        What is wrong and how to mend it.
    """
    source = look_at(settings, [settings.survey])
    networks = fault_networks(
        settings.weights, accuracy=settings.accuracy, runtime=settings.runtime
    )
    networks.view(
        line=False
    )  # so that what cannot run is said now; the scan tells what the survey is
    volume = source.identity() | chosen(settings, "crs")
    identity = volume | {
        "weights_sha256": networks.card.sha256,
        "runtime": settings.runtime,
        "threshold": settings.threshold,
        "tile_memory": settings.tile_memory,
        **chosen(settings, "sample_format"),
    }
    record = settings.out / RECORD
    outputs = (*OUTPUTS, *SURFACE_OUTPUTS)
    refuse_inputs_among(record, outputs, (*map(Path, source.paths), settings.weights))
    found = look(record, OUTPUTS, identity, resume=settings.resume, overwrite=settings.overwrite)
    surfaces = _surface_settings(settings, source.domain) if settings.surfaces else None
    if found is Found.NOTHING:
        return Prepared(source, networks, volume, identity, found, surfaces)
    stale = part_identity(record, SURFACES_PART) != surfaces
    if found is Found.COMPLETE:
        if surfaces:
            found = look_at_part(
                record, SURFACES_PART, SURFACE_OUTPUTS, surfaces, resume=settings.resume
            )
        return Prepared(source, networks, volume, identity, found, surfaces, True, stale)
    return Prepared(source, networks, volume, identity, found, surfaces, False, stale)


def _surface_settings(settings: MapFaults, domain: Domain) -> dict[str, Any]:
    """Return the facts that decide surfaces beside the probability."""
    chosen = settings.model_dump(
        mode="json", include=set(FindSurfaces.model_fields) - {"surfaces"}
    )
    if domain == "depth":
        del chosen["velocity"]
    return {"surfaces_version": SURFACES_VERSION, **chosen}


@dataclass(frozen=True, slots=True)
class Planned:
    """What the scan decides: the survey, the networks that see it, the threshold, the tiles.

    The network is for ``threads`` threads of each worker.
    """

    survey: AnySurvey
    network: ViewNetwork
    threshold: float
    plan: Plan
    threads: int


def plan_run(settings: MapFaults, run: Prepared, *, progress: Progress) -> Planned:
    """Scan the survey and plan its tiles: the last step that can find the input wrong."""
    progress(0, 1)
    survey = run.source.scan(strict=True)
    network = run.networks.for_survey(survey.geometry.shape)
    planned = plan(survey.geometry, network.facts, int(settings.tile_memory * 2**30))
    if settings.surfaces:
        planned = with_surfaces(planned, survey.geometry)
    threads = _threads(settings, run, planned)
    if threads > 1:
        network = network.with_threads(threads)
    progress(1, 1)
    threshold = settings.threshold or network.facts.threshold
    return Planned(survey, network, threshold, planned, threads)


def _threads(settings: MapFaults, run: Prepared, planned: Plan) -> int:
    """Return the threads of a worker's network; probability differs in its last bits by them."""
    if settings.threads:
        return settings.threads
    if settings.scheduler:  # workers of others, that other runs share: they know one number only
        return 1
    if run.found is not Found.NOTHING:  # so that the rest of the tiles is as the first ones are
        return int(read(settings.out / RECORD).get("threads", 1))
    if settings.workers:
        return 1
    from deploy.cluster import default_threads  # a dry run, too, may load Dask by now

    return default_threads(planned.worker_bytes, planned.tiles)
