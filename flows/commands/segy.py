"""The commands ``scan``, ``ingest`` and ``export``; they run without Prefect and without TensorFlow."""

import typer

from flows.commands.options import add_command
from flows.settings.segy import Export, Ingest, Scan


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    add_command(app, "scan", Scan, _scan, example="graben scan survey.sgy")
    add_command(app, "ingest", Ingest, _ingest, example="graben ingest survey.sgy volume.zarr")
    add_command(
        app, "export", Export, _export, example="graben export volume.zarr back.sgy --verify"
    )


def _scan(settings: Scan) -> None:
    from flows.scan_report import scan_survey

    scan_survey(settings)


def _ingest(settings: Ingest) -> None:
    from flows.convert import ingest_survey

    ingest_survey(settings)


def _export(settings: Export) -> None:
    from flows.convert import export_volume

    export_volume(settings)
