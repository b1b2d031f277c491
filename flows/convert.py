"""SEG-Y to Zarr and back, as commands: look at input and output, do the work, say what came of it."""

from pathlib import Path

from flows.settings.segy import Export, Ingest
from flows.survey_input import inspect_files, scan_files, volume_identity
from flows.terminal import bar, say
from flows.workers import workers_if_asked
from storage.errors import OutputError
from storage.locations import Location, absolute, exists
from storage.run_record import Found
from storage.segy.checklist import Title
from storage.store_state import forget_run, look_at_files, look_at_store, refuse_own_input
from storage.volume import attributes_of, is_complete, volumes_of
from tasks.export import export
from tasks.ingest import AMPLITUDE, ingest
from tasks.restore import check_restorable, restore, restore_identity, restored_files

FAULT_PROBABILITY = "fault_probability"


def ingest_survey(settings: Ingest) -> None:
    """Convert the files of one survey to a Zarr store.

    Raises
    ------
    InputError
        What is wrong with the files or the output; nothing has been written.
    """
    source = inspect_files(settings, settings.surveys)
    identity = volume_identity(settings, source, settings.codec)
    volume = absolute(settings.volume)
    refuse_own_input(volume, [file.path for file in source.files])
    found = look_at_store(volume, identity, resume=settings.resume, overwrite=settings.overwrite)
    if found is Found.COMPLETE:
        forget_run(volume)
        say(f"{settings.volume} is complete; nothing to do.")
        return
    survey = scan_files(settings, settings.surveys, strict=False)
    with workers_if_asked(settings) as client, bar("ingest") as progress:
        ingest(
            survey,
            volume,
            identity=identity,
            profile=settings.codec,
            anew=settings.overwrite,
            client=client,
            progress=progress,
        )
    n_inline, n_crossline, n_sample = survey.geometry.shape
    say(
        f"{settings.volume}: {n_inline} inlines x {n_crossline} crosslines x {n_sample} samples, "
        f"{source.traces} traces"
    )
    for warning in survey.warnings:
        say(f"Note: {warning}")


def export_volume(settings: Export) -> None:
    """Write the SEG-Y files of a store.

    Raises
    ------
    InputError
        What is wrong with the store or the output; nothing has been written.
    """
    volume, out = absolute(settings.volume), settings.out.absolute()
    if not is_complete(volume):
        reason = "the store is not complete" if exists(volume) else "there is no such store"
        raise OutputError(
            volume, reason, "Make it with 'graben ingest', or finish it with --resume."
        )
    variable = _variable(volume, settings.variable)
    refuse_own_input(out, [volume])
    if (settings.profile or ("same" if variable == AMPLITUDE else "opendtect")) == "same":
        _export_same(settings, volume, out, variable)
    else:
        _export_opendtect(settings, volume, out, variable)


def _variable(volume: Location, wanted: str | None) -> str:
    """Return what to export: what the user wants, or what the store is about."""
    present = volumes_of(volume)
    for name in [wanted] if wanted else [AMPLITUDE, FAULT_PROBABILITY]:
        if name in present:
            return name
    raise OutputError(
        volume,
        f"it holds no volume {wanted or AMPLITUDE}, but {', '.join(present) or 'none'}",
        "Name one with --variable.",
    )


def _export_same(settings: Export, volume: Location, out: Path, variable: str) -> None:
    """Write the files that were ingested."""
    if variable != AMPLITUDE:
        raise OutputError(
            volume,
            f"only amplitude has the bytes of a file, not {variable}",
            "Use --profile opendtect.",
        )
    check_restorable(volume, out)
    files, identity = restored_files(volume, out), restore_identity(volume)
    look_at_files(out, files, identity, resume=settings.resume, overwrite=settings.overwrite)
    with workers_if_asked(settings) as client, bar("export") as progress:
        digest = restore(
            volume,
            out,
            verify=settings.verify,
            anew=settings.overwrite,
            client=client,
            progress=progress,
        )
    proven = "verified" if settings.verify else "not verified"
    say(f"{settings.out}: the bytes that were ingested, {proven} by their digest {digest[:16]}")


def _export_opendtect(settings: Export, volume: Location, out: Path, variable: str) -> None:
    """Write one file for OpendTect."""
    if settings.verify:
        raise OutputError(
            out,
            "--verify proves the bytes that were ingested, and a file for OpendTect has others",
            "Leave it out, or export with --profile same.",
        )
    attributes = attributes_of(volume)
    identity = {"volume": str(volume), "key": attributes["key"], "variable": variable}
    look_at_files(out, [out], identity, resume=settings.resume, overwrite=settings.overwrite)
    title = Title(
        variable.replace("_", " ").capitalize(), str(attributes.get("title", "")), "", ""
    )
    with workers_if_asked(settings) as client, bar("export") as progress:
        clipped = export(
            volume,
            variable,
            out,
            title,
            identity=identity,
            anew=settings.overwrite,
            client=client,
            progress=progress,
        )
    say(f"{settings.out}: {variable} for OpendTect")
    if clipped:
        say(f"Note: {clipped} samples beyond 3.4e38 are written as that.")
