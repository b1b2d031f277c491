"""The flow from a SEG-Y survey to a fault cube for OpendTect: scan, ingest, infer, export, report."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from prefect import flow

from deploy.cluster import connect
from flows.fault_run import OUTPUTS, RECORD, Prepared, plan_run, prepare
from flows.report.faults import write_report
from flows.settings.faults import MapFaults
from flows.stages import run_address, stage
from flows.terminal import say
from storage.run_record import Found, begin, write
from storage.segy.checklist import Title
from tasks.export import export
from tasks.infer import FAULT_PROBABILITY, infer
from tasks.ingest import ingest
from tasks.summary import facts_of


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
        say(f"Prefect run: {run_address()}")
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
