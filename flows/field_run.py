"""The field-wide flow: faults for every survey of a file, wells for every map; what a schedule starts."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from prefect import flow

from deploy.cluster import connect
from flows.field_file import Field, read_field
from flows.map_faults import map_faults
from flows.place_wells import place_wells
from flows.settings.faults import MapFaults
from flows.settings.wells import PlaceWells
from flows.stages import run_address, stage
from flows.terminal import say
from models.errors import ModelError
from storage.errors import InputError
from storage.run_record import write
from tasks.fan_out import JobsFailedError

RECORD = "run.json"
RunSettings = TypeVar("RunSettings", MapFaults, PlaceWells)


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
    InputError
        If the input of every one is wrong: nothing was done.
    """
    field = read_field(Path(field_file), only=only, overwrite=overwrite)
    outcomes: dict[str, dict[str, Any]] = {}
    errors: list[Exception] = []
    with connect(**field.cluster.model_dump()) as client:
        say(f"Dask dashboard: {client.dashboard_link}")
        say(f"Prefect run: {run_address()}")
        # Runs connect by address: what a flow is given must be plain values.
        here = {"scheduler": client.scheduler.address}
        for name, survey in field.surveys.items():
            run = survey.model_copy(update=here)
            outcomes[name] = _outcome(map_faults, run, errors)
        for name, settings in field.maps.items():
            place = partial(stage(f"wells {name}", place_wells), client=client)
            outcomes[name] = _outcome(place, settings, errors)
    for name, outcome in outcomes.items():
        say(f"{name}: {outcome['state']} {outcome.get('error', '')}".rstrip())
    _record(field, Path(field_file), outcomes)
    _raise_failures(errors, outcomes)


def _outcome(
    run: Callable[[RunSettings], object], settings: RunSettings, errors: list[Exception]
) -> dict[str, Any]:
    """Run one survey or map; say how it ended."""
    began = time.monotonic()
    try:
        run(settings)
    except Exception as error:  # the others go on, whatever happened to this one
        errors.append(error)
        return {"state": "failed", "error": str(error), "out": settings.out}
    return {
        "state": "complete",
        "out": settings.out,
        "seconds": round(time.monotonic() - began, 1),
    }


def _record(field: Field, field_file: Path, outcomes: dict[str, dict[str, Any]]) -> None:
    """Write what became of every survey and map, where any left something."""
    if any(Path(outcome["out"]).exists() for outcome in outcomes.values()):
        complete = all(outcome["state"] == "complete" for outcome in outcomes.values())
        facts = {"runs": outcomes, "complete": complete}
        write(field.out / RECORD, {"field_file": str(field_file)}, facts)


def _raise_failures(errors: list[Exception], outcomes: dict[str, dict[str, Any]]) -> None:
    """End as the runs ended: in part, or with the first error where nothing was done."""
    if not errors:
        return
    wrong_input = all(isinstance(error, InputError | ModelError) for error in errors)
    if wrong_input and len(errors) == len(outcomes):
        raise errors[0]
    failed = {name: run["error"] for name, run in outcomes.items() if run["state"] == "failed"}
    raise JobsFailedError("field run", failed, len(outcomes))
