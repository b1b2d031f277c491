"""The flow from a SEG-Y survey to a fault cube for OpendTect: scan, ingest, infer, export, report."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from distributed import Client
from prefect import flow

from flows.fault_run import (
    CUBE,
    FAULTS,
    OUTPUTS,
    RECORD,
    REPORT,
    VOLUME,
    Planned,
    Prepared,
    plan_run,
    prepare,
)
from flows.report.faults import write_report
from flows.settings.faults import MapFaults
from flows.stages import run_address, stage
from flows.terminal import say
from flows.workers import workers
from storage.run_record import Found, begin, hold, write
from storage.segy.checklist import Title
from storage.volume import is_complete
from tasks.export import export
from tasks.fan_out import JobsFailedError
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
        planned = stage("scan", plan_run)(settings, run)
    # Workers may have another working folder.
    out = settings.out.absolute()
    facts: dict[str, Any] = {"settings": settings.model_dump(mode="json")}
    with workers(settings, planned.plan) as client, hold(out):
        # A volume of the same identity is the same to the byte, whatever else starts anew.
        kept = {VOLUME} if is_complete(out / VOLUME, run.volume_identity) else set()
        outputs = [name for name in OUTPUTS if name not in kept]
        begin(out / RECORD, outputs, run.identity, facts, run.found)
        say(f"Prefect run: {run_address()}")
        try:
            _compute(settings, run, planned, client, timings)
        except JobsFailedError as error:
            write(
                out / RECORD, run.identity, facts | {"failed": error.failures, "complete": False}
            )
            raise
    facts |= {"found": facts_of(planned.survey.geometry, out / FAULTS)}
    facts |= {"warnings": list(planned.survey.warnings)}
    with timed("report", timings):
        page = {
            "title": f"Faults in {Path(settings.survey).name}",
            "threshold": planned.threshold,
            "timings": {name: f"{seconds:.1f}" for name, seconds in timings.items()},
        }
        stage("report", write_report)(out / REPORT, out / VOLUME, out / FAULTS, facts | page)
    write(out / RECORD, run.identity, facts | {"timings": timings, "complete": True})
    shown = [str(settings.out / name) for name in (CUBE, FAULTS, REPORT)]
    say(f"Faults: {shown[0]} (OpendTect), {shown[1]} (xarray), {shown[2]}")


def _compute(
    settings: MapFaults,
    run: Prepared,
    planned: Planned,
    client: Client,
    timings: dict[str, float],
) -> None:
    """Run the stages that work on samples."""
    out = settings.out.absolute()
    with timed("ingest", timings):
        stage("ingest", ingest, retries=1)(
            planned.survey, out / VOLUME, identity=run.volume_identity, client=client
        )
    with timed("infer", timings):
        stage("infer", infer, retries=1)(
            out / VOLUME,
            out / FAULTS,
            planned.network,
            identity=run.identity,
            tiling=planned.plan.tiling,
            threshold=planned.threshold,
            client=client,
        )
    with timed("export", timings):
        stage("export", export, retries=1)(
            out / FAULTS,
            FAULT_PROBABILITY,
            out / CUBE,
            _title(settings, planned),
            identity=run.identity,
            replace=True,
            client=client,
        )


def _title(settings: MapFaults, planned: Planned) -> Title:
    """Return the words of the text header."""
    return Title(
        "Fault probability",
        Path(settings.survey).name,
        f"Network {planned.network.facts.sha256[:16]}, threshold {planned.threshold:g}",
        "Values: 0 = no fault, 1 = fault, 0 where there is no data",
    )


@contextmanager
def timed(name: str, timings: dict[str, float]) -> Iterator[None]:
    """Note how many seconds a stage takes."""
    began = time.monotonic()
    yield
    timings[name] = round(time.monotonic() - began, 3)
