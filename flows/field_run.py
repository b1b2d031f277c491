"""The field-wide flow: faults for every survey of a file, wells for every map; what a schedule starts."""

import logging
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from prefect import flow

from deploy.cluster import ClusterError
from flows.field_file import read_field
from flows.map_faults import map_faults
from flows.place_wells import place_wells
from flows.settings.faults import MapFaults
from flows.settings.wells import PlaceWells
from flows.stages import run_address, stage
from flows.terminal import say
from flows.workers import workers
from models.errors import ModelError
from storage.errors import InputError, OtherRunError, OutputError, is_full
from storage.run_record import read, write
from tasks.fan_out import JobsFailedError
from tasks.plan import WORKER_BYTES

logger = logging.getLogger(__name__)

RECORD = "run.json"
MEND = "the next run of the field does the rest"
WRONG_INPUT = (InputError, ModelError, ClusterError)
"""What the user can mend; jobs that failed may pass later; anything else is a defect of ours."""

RunSettings = TypeVar("RunSettings", MapFaults, PlaceWells)
Outcome = dict[str, Any]


@flow(name="field-run", flow_run_name="{field_file}", validate_parameters=False)
def field_run(field_file: str, only: str | None = None, overwrite: bool = False) -> None:
    """Run all surveys and maps of a file; one that fails does not stop the others.

    Parameters
    ----------
    field_file
        Path of the TOML file, as in `flows.field_file`.
    only
        Name of the one survey or map to run.
    overwrite
        Start every run anew.

    Raises
    ------
    JobsFailedError
        When all others are done, if any failed.
    InputError, ModelError, ClusterError
        If the input of every one is wrong: nothing was done.
    Exception
        A defect that ended a run, when all others are done.
    """
    field = read_field(Path(field_file), only=only, overwrite=overwrite)
    outcomes: dict[str, Outcome] = {}
    errors: list[Exception] = []
    with workers(field.cluster, worker_bytes=_worker_bytes(field.surveys.values())) as client:
        say(f"Prefect run: {run_address()}")
        # Runs connect by address: what a flow is given must be plain values.
        here = {"scheduler": client.scheduler.address}
        for name, survey in field.surveys.items():
            run = partial(_run, map_faults, survey.model_copy(update=here), renew=field.renew)
            outcomes[name] = _outcome(name, run, survey.out, errors)
        for name, settings in field.maps.items():
            if _faults_failed(settings, outcomes):
                outcomes[name] = _failed("its faults failed", settings.out)
                continue
            place = partial(stage(f"wells {name}", place_wells), client=client)
            run = partial(_run, place, settings, renew=field.renew)
            outcomes[name] = _outcome(name, run, settings.out, errors)
    for name, outcome in outcomes.items():
        say(f"{name}: {outcome['state']} {outcome.get('error', '')}".rstrip())
    _record(field.out / RECORD, field_file, outcomes, merge=only is not None)
    _raise_failures(errors, outcomes)


def _worker_bytes(surveys: Iterable[MapFaults]) -> int:
    """Return what a worker needs for the largest tile that any survey allows; 0 without surveys."""
    tiles = (int(survey.tile_memory * 2**30) for survey in surveys)
    return max((WORKER_BYTES + tile for tile in tiles), default=0)


def _run(run: Callable[[RunSettings], object], settings: RunSettings, *, renew: bool) -> None:
    """Run one survey or map; start it anew where its output is of another run and that may go."""
    try:
        run(settings)
    except OtherRunError as error:
        if not renew:
            raise
        say(f"{error.where}: {error.what}; starting anew.")
        run(settings.model_copy(update={"overwrite": True}))


def _outcome(name: str, run: Callable[[], None], out: Path, errors: list[Exception]) -> Outcome:
    """Run one survey or map; say how it ended."""
    began = time.monotonic()
    try:
        run()
    except Exception as error:  # the others go on, whatever happened to this one
        errors.append(error)
        if isinstance(error, JobsFailedError):
            return _failed(error.summary, out)
        if _is_defect(error):
            logger.exception("%s: a defect of graben", name)
            return _failed(f"{type(error).__name__}: {error}", out)
        return _failed(str(error), out)
    return {"state": "complete", "out": out, "seconds": round(time.monotonic() - began, 1)}


def _is_defect(error: Exception) -> bool:
    """Tell a defect of ours from what the user can mend, or what may pass later."""
    return not (isinstance(error, (*WRONG_INPUT, JobsFailedError)) or is_full(error))


def _failed(reason: str, out: Path) -> Outcome:
    return {"state": "failed", "error": reason, "out": out}


def _faults_failed(settings: PlaceWells, outcomes: dict[str, Outcome]) -> bool:
    """Tell whether the faults that wells keep away from are of a survey that has just failed."""
    failed = {run["out"] for run in outcomes.values() if run["state"] == "failed"}
    return settings.faults is not None and settings.faults.parent in failed


def _record(path: Path, field_file: str, outcomes: dict[str, Outcome], *, merge: bool) -> None:
    """Write what became of every survey and map, where any left something.

    ``merge`` keeps what is recorded of the others.
    """
    runs: dict[str, Outcome] = {}
    if merge:
        with suppress(FileNotFoundError, OutputError):  # a record that is torn tells nothing
            runs |= read(path).get("runs", {})
    runs |= outcomes
    if any(Path(run["out"]).exists() for run in runs.values()):
        complete = all(run["state"] == "complete" for run in runs.values())
        write(path, {"field_file": field_file}, {"runs": runs, "complete": complete})


def _raise_failures(errors: list[Exception], outcomes: dict[str, Outcome]) -> None:
    """End as the runs ended: with a defect, with wrong input where nothing was done, or in part."""
    if not errors:
        return
    for error in errors:
        if _is_defect(error):
            raise error
    failed = {name: run["error"] for name, run in outcomes.items() if run["state"] == "failed"}
    wrong_input = all(isinstance(error, WRONG_INPUT) for error in errors)
    if wrong_input and len(failed) == len(outcomes):
        raise errors[0]
    raise JobsFailedError("field run", failed, len(outcomes), MEND)
