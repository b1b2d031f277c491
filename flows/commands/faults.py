"""The command ``map-faults``."""

import typer

from flows.commands.options import add_command
from flows.settings.faults import MapFaults

EXAMPLE = "graben map-faults survey.sgy --out run --inline-byte 189 --crossline-byte 193"


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    add_command(app, "map-faults", MapFaults, _map_faults, example=EXAMPLE)


def _map_faults(settings: MapFaults) -> None:
    """Check what can be checked at once, then start the flow, which takes some seconds."""
    from flows.fault_run import prepare
    from flows.terminal import say
    from storage.run_record import Found

    run = prepare(settings)
    if run.found is Found.COMPLETE:
        say(f"{settings.out} is complete; nothing to do.")
    elif settings.dry_run:
        _say_plan(settings)
    else:
        from flows.prefect_ahead import prefect_ahead

        wait_for_prefect = prefect_ahead()
        from flows.map_faults import map_faults

        wait_for_prefect()
        map_faults(settings)


def _say_plan(settings: MapFaults) -> None:
    """Print what the run would do."""
    from flows.fault_run import plan_run, prepare
    from flows.fault_time import expected_time
    from flows.survey_forms import traces_said
    from flows.terminal import say

    found = plan_run(settings, prepare(settings), progress=lambda _done, _total: None)
    survey, planned = found.survey, found.plan
    n_inline, n_crossline, n_sample = survey.geometry.shape
    say(f"{n_inline} inlines x {n_crossline} crosslines x {n_sample} samples")
    say(traces_said(survey))
    say(f"{planned.jobs} jobs of ingest and export, {planned.tiles} tiles")
    say(f"{planned.redundancy:.2f} samples predicted for each one kept")
    say(
        f"{planned.tile_bytes / 2**30:.2f} GiB for a tile, "
        f"{planned.worker_bytes / 2**30:.2f} GiB for a worker with the network"
    )
    say(f"{planned.output_bytes / 2**30:.2f} GiB of output at most")
    for warning in survey.warnings:
        say(f"Note: {warning}")
    say(expected_time(settings, found))
