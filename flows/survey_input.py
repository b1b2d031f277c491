"""What settings say of SEG-Y files, in the words of the rooms below."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flows.settings.reading import Settings
from flows.settings.segy import ReadSegy
from storage.segy.file_head import Reading
from storage.segy.lines import Places
from storage.segy.scan import Axis, Survey
from storage.segy.source import Source
from tasks.scan import fingerprint, inspect_survey, scan_survey

STORE_VERSION = 3
"""Part of every identity: a change of layout makes old results strangers."""

LATER = ("depth_unit", "xy_unit")
"""Settings that came later: results made before are those of their defaults."""

Files = Sequence[Path | str]


def inspect_files(settings: ReadSegy, files: Files) -> Source:
    """Look at the first bytes of the files."""
    return inspect_survey(absolute(files), _reading(settings))


def scan_files(settings: ReadSegy, files: Files, *, strict: bool) -> Survey:
    """Scan the headers of the files.

    Parameters
    ----------
    settings
        What the user says of them.
    files
        Paths or URLs; workers may have another working folder, so paths become absolute.
    strict
        Refuse what a SEG-Y file made from this survey could not hold.
    """
    return scan_survey(
        absolute(files),
        reading=_reading(settings),
        places=Places(
            settings.inline_byte,
            settings.crossline_byte,
            settings.cdp_x_byte,
            settings.cdp_y_byte,
            settings.as_line,
            settings.coordinate_scalar,
        ),
        axis=Axis(
            settings.domain,
            settings.sample_interval,
            strict,
            settings.depth_unit,
            settings.xy_unit,
        ),
        duplicates=settings.duplicates,
    )


def volume_identity(settings: ReadSegy, source: Source, codec: str = "fast") -> dict[str, Any]:
    """Return the facts that decide the bytes of a volume."""
    said = settings.model_dump(mode="json", include=set(ReadSegy.model_fields) - set(LATER))
    names = [Path(file.path).name for file in source.files]
    return {
        "store_version": STORE_VERSION,
        "survey": names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more",
        "source_sha256": fingerprint(source),
        "codec": codec,
        **said,
        **chosen(settings, *LATER),
    }


def chosen(settings: Settings, *names: str) -> dict[str, Any]:
    """Return the settings of some names that are not their defaults: part of an identity that grew later."""
    return settings.model_dump(mode="json", include=set(names), exclude_defaults=True)


def _reading(settings: ReadSegy) -> Reading:
    return Reading(settings.samples, settings.format, settings.byte_order, settings.salvage)


def absolute(files: Files) -> list[Path | str]:
    """Return files by names that hold in any working folder."""
    return [file.absolute() if isinstance(file, Path) else file for file in files]
