"""What an examination of SEG-Y files says, in plain values.

The field names of `Examination` and of its parts are the keys of ``graben scan --json``.
"""

from dataclasses import dataclass, field

from storage.segy.doctor.candidate import Candidate
from storage.segy.doctor.finding import Finding, OptionValue, as_arguments


@dataclass(frozen=True, slots=True)
class FileFacts:
    """The first file: ``size`` in bytes, ``first_trace`` its offset in bytes, the rest in words of SEG-Y.

    Where the records are not found, ``traces`` is None, and the rest is what the file states.
    """

    size: int
    revision: str
    byte_order: str
    format: int
    format_name: str
    samples: int
    traces: int | None
    first_trace: int
    trace_header_bytes: int
    trailer_bytes: int


@dataclass(frozen=True, slots=True)
class LineFacts:
    """One axis of line numbers; ``byte`` is None where they are not in the headers."""

    byte: int | None
    first: int
    last: int
    step: int
    count: int


@dataclass(frozen=True, slots=True)
class AxisFacts:
    """The vertical axis, in ``unit``."""

    domain: str
    first: float
    last: float
    interval: float
    count: int
    unit: str


@dataclass(frozen=True, slots=True)
class TraceFacts:
    """Traces of all files: ``live`` bins have one, ``missing`` bins none, ``beside`` have no bin.

    ``order`` is inline by inline, crossline by crossline, or mixed.
    """

    count: int
    bins: int
    live: int
    missing: int
    beside: int
    order: str


@dataclass(frozen=True, slots=True)
class MapFacts:
    """Coordinates in ``unit``: where they are read, how far they go, and the grid.

    ``affine`` is x0, dx_per_inline, dx_per_crossline, y0, dy_per_inline, dy_per_crossline; spacings are
    those of neighbouring lines; ``inline_azimuth`` is the direction of an inline with growing crossline
    numbers, in degrees clockwise from north. None where there is no grid.
    """

    x_byte: int
    y_byte: int
    unit: str
    x: tuple[float, float]
    y: tuple[float, float]
    unknown: int
    affine: tuple[float, ...] | None
    inline_spacing: float | None
    crossline_spacing: float | None
    inline_azimuth: float | None


@dataclass(frozen=True, slots=True)
class SampleFacts:
    """Statistics of ``traces`` traces spread over the files; shares are 0 to 1."""

    traces: int
    minimum: float | None
    maximum: float | None
    mean: float | None
    rms: float | None
    zeros: float
    not_finite: float
    zero_traces: int
    quantiles: dict[str, float]


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """What an ingest takes: sizes in bytes, the output before compression, on the threads of this machine."""

    jobs: int
    shard_bytes: int
    threads: int
    memory_bytes: int
    output_bytes: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Refusal:
    """Which file no option helps, why, and what might."""

    where: str
    what: str
    mend: str


@dataclass(frozen=True, slots=True)
class Examination:
    """What an examination says.

    Parameters
    ----------
    surveys
        The files, as they were named.
    file, inlines, crosslines, vertical, traces, coordinates, statistics, plan
        The facts, read with ``options``; None where they cannot be known.
    findings
        From bad to harmless.
    candidates
        Places of line numbers, the best first; empty where those that were found are good.
    options
        What the user named and what the doctor adds: the volume is right with them, as far as can be told.
    refusal
        Why the files cannot be ingested whatever is named; None where they can.
    """

    surveys: tuple[str, ...]
    file: FileFacts | None = None
    inlines: LineFacts | None = None
    crosslines: LineFacts | None = None
    vertical: AxisFacts | None = None
    traces: TraceFacts | None = None
    coordinates: MapFacts | None = None
    statistics: SampleFacts | None = None
    plan: PlanFacts | None = None
    findings: tuple[Finding, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    options: dict[str, OptionValue] = field(default_factory=dict)
    refusal: Refusal | None = None

    @property
    def arguments(self) -> list[str]:
        """The options as they stand on a command line."""
        return as_arguments(self.options)
