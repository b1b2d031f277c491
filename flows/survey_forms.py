"""An input of any form, as commands see it: SEG-Y files, or a volume of OpendTect's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.settings.reading import option_name
from flows.settings.segy import ReadSegy, ReadSurvey, ReadVolume
from flows.survey_input import STORE_VERSION, absolute, inspect_files, scan_files, volume_identity
from storage.errors import InputError
from storage.geometry import Domain, LengthUnit
from storage.locations import Location
from storage.segy.checklist import axis_fault
from storage.segy.scan import Survey
from storage.segy.source import Source
from tasks.ingest import ingest
from tasks.ingest_cbvs import CbvsSurvey, fingerprint_of, ingest_cbvs, open_survey
from tasks.locate import InSurvey, Located, locate


@dataclass(frozen=True, slots=True)
class SegyInput:
    """SEG-Y files, looked at."""

    settings: ReadSegy
    source: Source
    files: Sequence[Location]

    @property
    def domain(self) -> Domain:
        """Of the vertical axis."""
        return self.settings.domain

    @property
    def paths(self) -> list[str]:
        """What is read."""
        return [file.path for file in self.source.files]

    def identity(self, codec: str = "fast") -> dict[str, Any]:
        """Return the facts that decide the bytes of a volume."""
        return volume_identity(self.settings, self.source, codec)

    def scan(self, *, strict: bool) -> Survey:
        """Read the headers; ``strict``: refuse what a SEG-Y file made from it could not hold."""
        return scan_files(self.settings, self.files, strict=strict)


@dataclass(frozen=True, slots=True)
class CbvsInput:
    """A volume of OpendTect's own, looked at."""

    survey: CbvsSurvey

    @property
    def domain(self) -> Domain:
        """Of the vertical axis."""
        return self.survey.cbvs.samples.domain

    @property
    def paths(self) -> list[str]:
        """What is read."""
        return [str(part.path) for part in self.survey.cbvs.parts]

    def identity(self, codec: str = "fast") -> dict[str, Any]:
        """Return the facts that decide the bytes of a volume."""
        cbvs = self.survey.cbvs
        return {
            "store_version": STORE_VERSION,
            "survey": self.survey.title,
            "source_sha256": fingerprint_of(self.survey),
            "codec": codec,
            "component": self.survey.component,
            "domain": cbvs.samples.domain,
            "length_unit": cbvs.samples.length_unit,
            "affine": list(cbvs.affine) if cbvs.affine else None,
            **({"xy_unit": cbvs.xy_unit} if cbvs.has_two_units else {}),
        }

    def scan(self, *, strict: bool) -> CbvsSurvey:
        """Return the volume; ``strict``: refuse what a SEG-Y file made from it could not hold."""
        fault = axis_fault(self.survey.cbvs.samples) if strict else None
        if fault:
            raise InputError(self.survey.cbvs.path, fault, "Resample the volume in OpendTect.")
        return self.survey


Input = SegyInput | CbvsInput
AnySurvey = Survey | CbvsSurvey


def look_at(settings: ReadSurvey, names: Sequence[Location]) -> Input:
    """Look at the first bytes of an input.

    Raises
    ------
    InputError
        If it is not there, cannot be read, or an option does not go with its form.
    """
    located = locate(absolute(names))
    if located.form == "segy":
        return _segy(settings, located)
    said = settings.model_fields_set & (set(ReadSegy.model_fields) - {"domain"})
    _refuse_options(
        located, said, "says how SEG-Y is read, and this is a volume of OpendTect's own"
    )
    survey = located.survey
    if survey:
        _refuse_other_domain(settings, located)
    opened = open_survey(
        Path(located.files[0]),
        title=located.title,
        component=settings.component,
        domain=survey.domain if survey else settings.domain,
        length_unit=survey.length_unit if survey else "m",
        affine=survey.affine if survey else None,
        xy_unit=survey.xy_unit if survey else None,
    )
    return CbvsInput(opened)


def ingest_any(survey: AnySurvey, volume: Location, **how: Any) -> None:  # noqa: ANN401 - as `ingest`
    """Write a volume from a survey of any form; options are those of `tasks.ingest.ingest`."""
    if isinstance(survey, CbvsSurvey):
        ingest_cbvs(survey, volume, **how)
    else:
        ingest(survey, volume, **how)


def traces_said(survey: AnySurvey) -> str:
    """Say how many traces there are, and how they are found."""
    if isinstance(survey, CbvsSurvey):
        files = len(survey.cbvs.parts)
        return (
            f"{survey.traces} traces in {files} {'file' if files == 1 else 'files'} of OpendTect's"
        )
    return f"{survey.source.traces} traces, line numbers at bytes {survey.line_bytes}"


def trace_count(survey: AnySurvey) -> int:
    """Return how many traces there are."""
    return survey.traces if isinstance(survey, CbvsSurvey) else survey.source.traces


def _segy(settings: ReadSurvey, located: Located) -> SegyInput:
    """Look at SEG-Y files; where an OpendTect survey links to them, it says domain and units."""
    _refuse_options(
        located,
        settings.model_fields_set & set(ReadVolume.model_fields),
        "is for volumes of OpendTect's own",
    )
    _refuse_other_domain(settings, located)
    read: ReadSegy = settings
    source = inspect_files(read, located.files)
    if located.survey:
        units = _units(settings, located.survey, "ft" if source.first.feet else "m")
        read = settings.model_copy(update={"domain": located.survey.domain, **units})
    if settings.depth_unit and read.domain == "time":
        raise InputError(
            located.title,
            f"--depth-unit {settings.depth_unit} is said, and its samples are in time",
            "Leave it out, or add --domain depth.",
        )
    return SegyInput(read, source, located.files)


def _units(settings: ReadSegy, survey: InSurvey, stated: LengthUnit) -> dict[str, LengthUnit]:
    """Return the units of files that a survey links to, where they are not as the files state.

    It is the survey that knows: OpendTect takes no notice of what files state. The user goes before both.
    """
    units = {
        "depth_unit": settings.depth_unit or survey.length_unit,
        "xy_unit": settings.xy_unit or survey.xy_unit,
    }
    if survey.domain == "time":
        del units["depth_unit"]
    return {name: unit for name, unit in units.items() if unit != stated}


def _refuse_options(located: Located, said: set[str], why: str) -> None:
    for field in sorted(said):
        raise InputError(located.title, f"{option_name(field)} {why}", "Leave it out.")


def _refuse_other_domain(settings: ReadSurvey, located: Located) -> None:
    """Refuse a domain that is not that of the survey around the input."""
    survey = located.survey
    if survey and "domain" in settings.model_fields_set and settings.domain != survey.domain:
        raise InputError(
            located.title,
            f"--domain {settings.domain} is said, and its survey says {survey.domain}",
            "Leave it out.",
        )
