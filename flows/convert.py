"""SEG-Y to Zarr and back, as commands: look at input and output, do the work, say what came of it."""

from pathlib import Path

from flows.opendtect_check import self_check
from flows.settings.reading import option_name
from flows.settings.segy import Export, Ingest
from flows.survey_forms import ingest_any, look_at, trace_count
from flows.survey_input import chosen
from flows.terminal import bar, say
from flows.workers import workers_if_asked
from storage.cbvs.family import is_cbvs
from storage.errors import OutputError
from storage.locations import Location, absolute, exists
from storage.run_record import Found
from storage.segy.checklist import SAMPLE_FORMATS, Title
from storage.store_state import forget_run, look_at_files, look_at_store, refuse_own_input
from storage.volume import attributes_of, is_complete, volumes_of
from tasks.cbvs import write_cbvs
from tasks.export import axis_of, export
from tasks.ingest import AMPLITUDE
from tasks.restore import check_restorable, is_from_segy, restore, restore_identity, restored_files

FAULT_PROBABILITY = "fault_probability"


def ingest_survey(settings: Ingest) -> None:
    """Convert the files of one survey to a Zarr store.

    Raises
    ------
    InputError
        What is wrong with the files or the output; nothing has been written.
    """
    source = look_at(settings, settings.surveys)
    identity = source.identity(settings.codec) | chosen(settings, "crs")
    volume = absolute(settings.volume)
    refuse_own_input(volume, source.paths)
    found = look_at_store(volume, identity, resume=settings.resume, overwrite=settings.overwrite)
    if found is Found.COMPLETE:
        forget_run(volume)
        say(f"{settings.volume} is complete; nothing to do.")
        return
    survey = source.scan(strict=False)
    with workers_if_asked(settings) as client, bar("ingest") as progress:
        ingest_any(
            survey,
            volume,
            identity=identity,
            profile=settings.codec,
            crs=settings.crs,
            anew=settings.overwrite,
            client=client,
            progress=progress,
        )
    n_inline, n_crossline, n_sample = survey.geometry.shape
    say(
        f"{settings.volume}: {n_inline} inlines x {n_crossline} crosslines x {n_sample} samples, "
        f"{trace_count(survey)} traces"
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
    if is_cbvs(out):
        _export_cbvs(settings, volume, out, variable)
    elif (settings.profile or _profile(volume, variable)) == "same":
        _export_same(settings, volume, out, variable)
    else:
        _export_opendtect(settings, volume, out, variable)


def _export_cbvs(settings: Export, volume: Location, out: Path, variable: str) -> None:
    """Write a volume of OpendTect's own."""
    if said := settings.model_fields_set & {"profile", "verify", "crs", "sample_format"}:
        raise OutputError(
            out,
            f"{option_name(min(said))} is for SEG-Y, and this is to be a volume of OpendTect's own",
            "Leave it out.",
        )
    key = attributes_of(volume)["key"]
    identity = {"volume": str(volume), "key": key, "variable": variable, "form": "cbvs"}
    look_at_files(out, [out], identity, resume=settings.resume, overwrite=settings.overwrite)
    with workers_if_asked(settings) as client, bar("export") as progress:
        write_cbvs(
            out,
            [(volume, variable)],
            identity=identity,
            anew=settings.overwrite,
            client=client,
            progress=progress,
        )
    say(f"{settings.out}: {variable} as a volume of OpendTect's own (CBVS)")


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


def _profile(volume: Location, variable: str) -> str:
    """Return how a variable is exported where nobody says: as it came, if it came from SEG-Y."""
    return "same" if variable == AMPLITUDE and is_from_segy(volume) else "opendtect"


def _export_same(settings: Export, volume: Location, out: Path, variable: str) -> None:
    """Write the files that were ingested."""
    if others := chosen(settings, "crs", "sample_format"):
        raise OutputError(
            out,
            f"--{next(iter(others)).replace('_', '-')} changes the bytes that were ingested",
            "Leave it out, or export with --profile opendtect.",
        )
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
    identity |= chosen(settings, "crs", "sample_format")
    look_at_files(out, [out], identity, resume=settings.resume, overwrite=settings.overwrite)
    title = Title(
        variable.replace("_", " ").capitalize(),
        str(attributes.get("title", "")),
        "",
        "Values: 0 = no fault, 1 = fault" if variable == FAULT_PROBABILITY else "",
        settings.crs,
    )
    with workers_if_asked(settings) as client, bar("export") as progress:
        clipped = export(
            volume,
            variable,
            out,
            title,
            identity=identity,
            code=SAMPLE_FORMATS[settings.sample_format],
            anew=settings.overwrite,
            client=client,
            progress=progress,
        )
    say(f"{settings.out}: {variable} for OpendTect")
    say(self_check(out, axis_of(volume)))
    if clipped:
        say(f"Note: {clipped} samples beyond 3.4e38 are written as that.")
