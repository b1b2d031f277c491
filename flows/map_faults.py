"""The flow from a SEG-Y survey to a fault cube for OpendTect: scan, ingest, infer, export, report."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from prefect import flow
from prefect.runtime import flow_run

from deploy.cluster import connect
from flows.report.faults import write_report
from flows.settings import MapFaults
from flows.stages import stage
from flows.terminal import say
from storage.run_record import Found, begin, look, write
from storage.segy.checklist import Title
from storage.segy.scan import Survey
from tasks.export import export
from tasks.fan_out import Progress
from tasks.infer import FAULT_PROBABILITY, Network, infer
from tasks.ingest import ingest
from tasks.network import keras_network
from tasks.plan import Plan, plan
from tasks.scan import fingerprint, inspect_survey, scan_survey
from tasks.summary import facts_of

RECORD = "run.json"
OUTPUTS = ("volume.zarr", "faults.zarr", "faults.sgy", "report.html")
STORE_VERSION = 1
"""Part of every identity: a change of layout makes old results strangers."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A run that may begin, as far as a look at the file's first bytes and at --out can tell."""

    network: Network
    threshold: float
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
    layout = inspect_survey(settings.survey)
    network = keras_network(settings.weights)
    threshold = settings.threshold or network.facts.threshold
    volume_identity = {
        "store_version": STORE_VERSION,
        "survey": settings.survey.name,
        "source_sha256": fingerprint(layout),
        "inline_byte": settings.inline_byte,
        "crossline_byte": settings.crossline_byte,
        "domain": settings.domain,
        "sample_interval": settings.sample_interval,
    }
    identity = volume_identity | {
        "weights_sha256": network.facts.sha256,
        "threshold": threshold,
        "tile_memory": settings.tile_memory,
    }
    found = look(
        settings.out / RECORD,
        OUTPUTS,
        identity,
        resume=settings.resume,
        overwrite=settings.overwrite,
    )
    return Prepared(network, threshold, volume_identity, identity, found)


def plan_run(settings: MapFaults, run: Prepared, *, progress: Progress) -> tuple[Survey, Plan]:
    """Scan the survey and plan its tiles: the last step that can find the input wrong."""
    progress(0, 1)
    survey = scan_survey(
        settings.survey,
        inline_byte=settings.inline_byte,
        crossline_byte=settings.crossline_byte,
        domain=settings.domain,
        sample_interval=settings.sample_interval,
    )
    planned = plan(survey.geometry, run.network.facts, int(settings.tile_memory * 2**30))
    progress(1, 1)
    return survey, planned


@flow(name="map-faults", flow_run_name="{settings.survey}", validate_parameters=False)
def map_faults(settings: MapFaults) -> None:
    """Map faults in one survey; what an earlier run completed is not done again."""
    run = prepare(settings)
    if run.found is Found.COMPLETE:
        say(f"{settings.out} is complete; nothing to do.")
        return
    timings: dict[str, float] = {}
    with timed("scan", timings):
        survey, planned = stage("scan", plan_run)(settings, run)
    out, record = settings.out, settings.out / RECORD
    facts: dict[str, Any] = {"settings": settings.model_dump(mode="json")}
    begin(record, OUTPUTS, run.identity, facts, run.found)
    volume, faults = out / "volume.zarr", out / "faults.zarr"
    with connect(
        workers=settings.workers,
        scheduler=settings.scheduler,
        worker_memory=settings.worker_memory,
    ) as client:
        say(f"Dask dashboard: {client.dashboard_link}")
        say(f"Prefect run: {flow_run.ui_url or flow_run.api_url}")
        with timed("ingest", timings):
            stage("ingest", ingest, retries=1)(
                survey, volume, identity=run.volume_identity, client=client
            )
        with timed("infer", timings):
            stage("infer", infer, retries=1)(
                volume,
                faults,
                run.network,
                identity=run.identity,
                tiling=planned.tiling,
                threshold=run.threshold,
                client=client,
            )
        with timed("export", timings):
            stage("export", export, retries=1)(
                faults,
                FAULT_PROBABILITY,
                out / "faults.sgy",
                _title(settings, run),
                identity=run.identity,
                client=client,
            )
    found = facts_of(survey.geometry, faults)
    facts |= {"found": found, "warnings": list(survey.warnings)}
    with timed("report", timings):
        page = {
            "title": f"Faults in {settings.survey.name}",
            "threshold": run.threshold,
            "timings": {name: f"{seconds:.1f}" for name, seconds in timings.items()},
        }
        stage("report", write_report)(out / "report.html", volume, faults, facts | page)
    write(record, run.identity, facts | {"timings": timings, "complete": True})
    say(f"Faults: {out / 'faults.sgy'} (OpendTect), {faults} (xarray), {out / 'report.html'}")


def _title(settings: MapFaults, run: Prepared) -> Title:
    """Return the words of the text header."""
    return Title(
        "Fault probability",
        settings.survey.name,
        f"Network {run.network.facts.sha256[:16]}, threshold {run.threshold:g}",
        "Values: 0 = no fault, 1 = fault, 0 where there is no data",
    )


@contextmanager
def timed(name: str, timings: dict[str, float]) -> Iterator[None]:
    """Note how many seconds a stage takes."""
    began = time.monotonic()
    yield
    timings[name] = round(time.monotonic() - began, 3)
