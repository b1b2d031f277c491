"""A fault run before it begins: input checked, output folder looked at, tiles planned; no Prefect here.

So wrong input is said within a second or two, before any server starts and before anything is written.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.settings.faults import MapFaults
from flows.survey_input import inspect_files, scan_files, volume_identity
from storage.run_record import Found, look, refuse_inputs_among
from storage.segy.scan import Survey
from tasks.ensemble import FaultNetworks, ViewNetwork, fault_networks
from tasks.fan_out import Progress
from tasks.plan import Plan, plan

RECORD = "run.json"
OUTPUTS = VOLUME, FAULTS, CUBE, REPORT = "volume.zarr", "faults.zarr", "faults.sgy", "report.html"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A run that may begin, as far as a look at the file's first bytes and at --out can tell."""

    networks: FaultNetworks
    volume_identity: dict[str, Any]
    identity: dict[str, Any]
    found: Found


def prepare(settings: MapFaults) -> Prepared:
    """Check input, weights and output folder; nothing is written, and it takes no time.

    Raises
    ------
    SegyError, WeightsError, OutputError
        What is wrong and how to mend it.
    """
    source = inspect_files(settings, [settings.survey])
    networks = fault_networks(
        settings.weights, accuracy=settings.accuracy, runtime=settings.runtime
    )
    networks.view(
        line=False
    )  # so that what cannot run is said now; the scan tells what the survey is
    volume = volume_identity(settings, source)
    identity = volume | {
        "weights_sha256": networks.card.sha256,
        "runtime": settings.runtime,
        "threshold": settings.threshold,
        "tile_memory": settings.tile_memory,
    }
    refuse_inputs_among(settings.out / RECORD, OUTPUTS, (Path(settings.survey), settings.weights))
    found = look(
        settings.out / RECORD,
        OUTPUTS,
        identity,
        resume=settings.resume,
        overwrite=settings.overwrite,
    )
    return Prepared(networks, volume, identity, found)


@dataclass(frozen=True, slots=True)
class Planned:
    """What the scan decides: the survey, the networks that see it, the threshold, the tiles."""

    survey: Survey
    network: ViewNetwork
    threshold: float
    plan: Plan


def plan_run(settings: MapFaults, run: Prepared, *, progress: Progress) -> Planned:
    """Scan the survey and plan its tiles: the last step that can find the input wrong."""
    progress(0, 1)
    survey = scan_files(settings, [settings.survey], strict=True)
    network = run.networks.for_survey(survey.geometry.shape)
    planned = plan(survey.geometry, network.facts, int(settings.tile_memory * 2**30))
    progress(1, 1)
    return Planned(survey, network, settings.threshold or network.facts.threshold, planned)
