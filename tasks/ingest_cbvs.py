"""From a CBVS volume of OpendTect to a volume in Zarr, one job a shard column."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from models.statistics import AmplitudeStatistics
from storage.cbvs.fingerprint import fingerprint
from storage.cbvs.reader import Cbvs, open_cbvs, read_traces, refuse_changed
from storage.errors import CbvsError
from storage.geometry import Affine, Domain, LengthUnit, SurveyGeometry
from storage.layout import Profile
from storage.ledger import Identity, key_of
from storage.locations import Location
from storage.segy.checklist import rounding
from storage.volume import Variable, create_volume, read_region, whole, write_region
from tasks.fan_out import Progress, Result
from tasks.ingest import AMPLITUDE, Steps, fill_volume, round_samples
from tasks.job_grid import Block

if TYPE_CHECKING:
    from distributed import Client


@dataclass(frozen=True, slots=True)
class CbvsSurvey:
    """One component of a volume of OpendTect's.

    Parameters
    ----------
    title
        Name for people.
    cbvs
        The volume.
    component
        Number of the component, from 0.
    """

    title: str
    cbvs: Cbvs
    component: int

    @property
    def geometry(self) -> SurveyGeometry:
        """Axes, coordinates, live mask."""
        return self.cbvs.geometry

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is uncommon about it, a line each."""
        found = list(self.cbvs.warnings)
        if off := rounding(self.cbvs.samples):
            found.append(off)
        names = [each.name for each in self.cbvs.components]
        if len(names) > 1:
            taken = names[self.component]
            found.append(f"of {len(names)} components ({', '.join(names)}) {taken!r} is taken")
        return tuple(found)

    @property
    def traces(self) -> int:
        """Number of traces."""
        return int(self.geometry.live_mask.sum())


@dataclass(frozen=True, slots=True)
class CbvsJob:
    """One shard column: where its samples come from and where they go."""

    path: Path
    component: int
    volume: Location
    block: Block
    profile: Profile


def open_survey(
    path: Path,
    *,
    title: str | None = None,
    component: str | None = None,
    domain: Domain = "time",
    length_unit: LengthUnit = "m",
    affine: Affine | None = None,
    xy_unit: LengthUnit | None = None,
) -> CbvsSurvey:
    """Look at the headers of a volume.

    Parameters
    ----------
    path
        Its first file.
    title
        Name for people (default: that of the file).
    component
        Name or number, from 1, of the component to take (default: the first).
    domain, length_unit, affine, xy_unit
        As in `storage.cbvs.reader.open_cbvs`.

    Raises
    ------
    CbvsError
        If the volume cannot be read, or has no such component.
    """
    cbvs = open_cbvs(path, domain=domain, length_unit=length_unit, affine=affine, xy_unit=xy_unit)
    names = [each.name for each in cbvs.components]
    if component is None:
        number = 0
    elif component in names:
        number = names.index(component)
    elif component.isdecimal() and 1 <= int(component) <= len(names):
        number = int(component) - 1
    else:
        raise CbvsError(
            path, f"it has no component {component!r}", f"There are: {', '.join(names)}."
        )
    return CbvsSurvey(title or path.name, cbvs, number)


def fingerprint_of(survey: CbvsSurvey) -> str:
    """Return a SHA-256 that changes when a file of the volume does."""
    return fingerprint(survey.cbvs)


def ingest_cbvs(
    survey: CbvsSurvey,
    volume: Location,
    *,
    identity: Identity,
    profile: Profile = "fast",
    crs: str | None = None,
    anew: bool = False,
    client: "Client | None" = None,
    progress: Progress | None = None,
) -> None:
    """Write a volume from one component; goes on where an earlier call was stopped.

    Parameters are those of `tasks.ingest.ingest`.

    Raises
    ------
    CbvsError
        If a file was changed since it was opened.
    JobsFailedError
        If jobs failed; what is complete stays.
    """

    def job(block: Block) -> CbvsJob:
        return CbvsJob(survey.cbvs.path, survey.component, volume, block, profile)

    def conclude(_laid_out: Result, _results: dict[str, Result]) -> None:
        refuse_changed(survey.cbvs)

    steps = Steps(
        survey.geometry.shape,
        lambda: _lay_out(survey, volume, identity, profile, crs),
        job,
        ingest_column,
        conclude,
    )
    fill_volume(
        volume,
        steps,
        identity=identity,
        profile=profile,
        anew=anew,
        client=client,
        progress=progress,
    )


def ingest_column(job: CbvsJob) -> Result:
    """Convert the traces of one block; return their number and statistics."""
    live = read_region(job.volume, "live_mask", job.block)
    cbvs = open_cbvs(job.path)
    samples = read_traces(cbvs, job.component, *whole(job.block, cbvs.samples.count))
    statistics = AmplitudeStatistics()
    for row, present in zip(samples, live, strict=True):
        if present.any():
            statistics.add(row if present.all() else row[present])
    error = round_samples(samples) if job.profile == "lossy" else 0.0
    write_region(job.volume, AMPLITUDE, whole(job.block, samples.shape[2]), samples, live)
    return {"live": int(live.sum()), "error": error, "statistics": statistics.as_dict()}


def _lay_out(
    survey: CbvsSurvey, volume: Location, identity: Identity, profile: Profile, crs: str | None
) -> Result:
    """Write the template of the store."""
    component = survey.cbvs.components[survey.component]
    attributes = {
        "title": survey.title,
        "domain": survey.geometry.samples.domain,
        "affine": survey.geometry.affine,
        "crs": crs,
        "text_header": [],
        "warnings": list(survey.warnings),
        "identity": dict(identity),
        "key": key_of(identity),
    }
    amplitude = Variable(AMPLITUDE, component.dtype, "1", "seismic amplitude")
    create_volume(volume, survey.geometry, [amplitude], attributes, profile=profile)
    return {}
