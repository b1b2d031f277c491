"""The flow from a SEG-Y survey to faults for OpendTect: scan, ingest, infer, export, surfaces, report."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
    SEGMENTS,
    SMALLEST,
    SMALLEST_ON_LINE,
    STICK_SET,
    STICKS,
    SURFACE_OUTPUTS,
    SURFACES,
    SURFACES_PART,
    TABLE,
    THINNED,
    VOLUME,
    Planned,
    Prepared,
    plan_run,
    prepare,
)
from flows.opendtect_check import self_check
from flows.report.faults import write_report
from flows.settings.faults import MapFaults
from flows.stages import run_address, stage
from flows.survey_forms import ingest_any
from flows.terminal import say
from flows.workers import workers
from storage.run_record import Found, begin, clear, hold, write
from storage.segy.checklist import SAMPLE_FORMATS, Title
from storage.volume import is_complete
from tasks.export import export
from tasks.fan_out import JobsFailedError
from tasks.infer import FAULT_PROBABILITY, infer
from tasks.summary import facts_of
from tasks.surface_summary import surface_facts, surface_notes
from tasks.surface_tables import write_surface_tables
from tasks.surface_tiles import FAULT_THINNED
from tasks.surfaces import SurfaceSettings, find_surfaces


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
    facts |= {"parts": {SURFACES_PART: run.surfaces}, "threads": planned.threads}
    with workers(settings, planned.plan) as client, hold(out):
        # A volume of the same identity is the same to the byte, whatever else starts anew.
        kept = {VOLUME} if is_complete(out / VOLUME, run.volume_identity) else set()
        surface_outputs = (*SURFACE_OUTPUTS, SEGMENTS)
        outputs = [name for name in (*OUTPUTS, *surface_outputs) if name not in kept]
        if run.stale:  # before the record speaks of others
            clear(out, surface_outputs)
        begin(out / RECORD, outputs, run.identity, facts, run.found)
        say(f"Prefect run: {run_address()}")
        try:
            _compute(settings, run, planned, client, timings)
        except JobsFailedError as error:
            failed = facts | {"failed": error.failures, "complete": False}
            with suppress(
                OSError
            ):  # the disk may be full, and the record tells the same without it
                write(out / RECORD, run.identity, failed)
            raise
    with timed("check", timings):
        found = _found(out, run, planned)
    facts |= {"found": found}
    facts |= {"warnings": list(planned.survey.warnings)}
    with timed("report", timings):
        page = {
            "title": f"Faults in {Path(settings.survey).name}",
            "threshold": planned.threshold,
            "timings": {name: f"{seconds:.1f}" for name, seconds in timings.items()},
        }
        stage("report", write_report)(
            out / REPORT,
            out / VOLUME,
            out / FAULTS,
            facts | page,
            surfaces=out / SURFACES if run.surfaces else None,
        )
    write(out / RECORD, run.identity, facts | {"timings": timings, "complete": True})
    shown = [str(settings.out / name) for name in (CUBE, FAULTS, REPORT)]
    say(f"Faults: {shown[0]} (OpendTect), {shown[1]} (xarray), {shown[2]}")
    say(str(found[f"{CUBE} in OpendTect"]))
    if run.surfaces:
        tables = ", ".join(str(settings.out / name) for name in (TABLE, STICKS))
        say(
            f"Surfaces: {found['faults']} faults on {found['sticks']} sticks: {tables}, "
            f"{settings.out / STICK_SET} (OpendTect)"
        )


def _found(out: Path, run: Prepared, planned: Planned) -> dict[str, Any]:
    """Return the facts of a run for its record and report, with what OpendTect will make of its files."""
    found = facts_of(planned.survey.geometry, out / FAULTS)
    if run.surfaces:
        found |= surface_facts(out / SURFACES)
    axis = planned.survey.geometry.samples
    files = (CUBE, THINNED) if run.surfaces else (CUBE,)
    return {**found, **{f"{name} in OpendTect": self_check(out / name, axis) for name in files}}


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
        stage("ingest", ingest_any, retries=1)(
            planned.survey,
            out / VOLUME,
            identity=run.volume_identity,
            crs=settings.crs,
            client=client,
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
    if not run.surfaces_alone:
        with timed("export", timings):
            stage("export", export, retries=1)(
                out / FAULTS,
                FAULT_PROBABILITY,
                out / CUBE,
                _title(settings, planned, "Fault probability", "0 = no fault, 1 = fault"),
                identity=run.identity,
                code=SAMPLE_FORMATS[settings.sample_format],
                replace=True,
                client=client,
            )
    if run.surfaces:
        with timed("surfaces", timings):
            _find_surfaces(settings, run, planned, client)


def _find_surfaces(settings: MapFaults, run: Prepared, planned: Planned, client: Client) -> None:
    """Turn probability into surfaces, and write them in the forms that people and OpendTect read."""
    out, identity = settings.out.absolute(), run.surface_identity
    for note in surface_notes(planned.survey.geometry, settings.velocity):
        say(note)
    stage("surfaces", find_surfaces, retries=1)(
        out / FAULTS,
        out / VOLUME,
        out / SURFACES,
        settings=SurfaceSettings(
            velocity=settings.velocity,
            stick_spacing=settings.stick_spacing,
            stick_planes=settings.stick_planes,
            smallest=settings.smallest_fault or _smallest(planned.survey.geometry.shape),
        ),
        identity=identity,
        client=client,
    )
    stage("sticks", write_surface_tables)(
        out / SURFACES, faults=out / TABLE, sticks=out / STICKS, opendtect=out / STICK_SET
    )
    stage("thinned", export, retries=1)(
        out / SURFACES,
        FAULT_THINNED,
        out / THINNED,
        _title(settings, planned, "Thinned faults", "fault probability on the ridge, else 0"),
        identity=identity,
        headers=out / FAULTS,
        code=SAMPLE_FORMATS[settings.sample_format],
        replace=True,
        client=client,
    )


def _smallest(shape: tuple[int, int, int]) -> int:
    """Return the samples of the smallest fault that is kept: on a line there is but a row of them."""
    return SMALLEST_ON_LINE if 1 in shape[:2] else SMALLEST


def _title(settings: MapFaults, planned: Planned, data: str, values: str) -> Title:
    """Return the words of the text header."""
    return Title(
        data,
        Path(settings.survey).name,
        f"Network {planned.network.facts.sha256[:16]}, threshold {planned.threshold:g}",
        f"Values: {values}, 0 where there is no data",
    )


@contextmanager
def timed(name: str, timings: dict[str, float]) -> Iterator[None]:
    """Note how many seconds a stage takes."""
    began = time.monotonic()
    yield
    timings[name] = round(time.monotonic() - began, 3)
