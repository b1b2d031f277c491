"""The page of ``graben scan``: what a survey is, what is wrong with it, and the command that ingests it.

With ``--json`` the page is one object whose keys are the field names of `tasks.examination.Examination`,
and ``command``, a list of words, null where nothing helps. A file that no option mends gives its page all
the same, and then exit code 2 with the finding as the one line on the standard error.
"""

import json
import shlex
from dataclasses import asdict
from pathlib import Path

from flows.settings.segy import ReadSegy, Scan
from flows.survey_input import absolute
from flows.terminal import say
from storage.errors import SegyError
from storage.locations import Location
from storage.segy.doctor.finding import Finding, as_arguments, counted
from tasks.doctor import examine
from tasks.examination import Examination, LineFacts, MapFacts, PlanFacts, SampleFacts

MOST_FILES = 4
"""Files that the recommended command names one by one."""

MOST_CANDIDATES = 3

UNITS = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def scan_survey(settings: Scan) -> None:
    """Examine the files of a survey and print the page.

    Raises
    ------
    SegyError
        What no option mends; the page has been printed.
    """
    said = settings.model_dump(include=set(ReadSegy.model_fields), exclude_unset=True)
    found = examine(absolute(settings.surveys), said)
    command = None if found.refusal else command_of(settings.surveys, found)
    if settings.json_:
        say(json.dumps({**asdict(found), "command": command}, ensure_ascii=False, indent=2))
    else:
        for line in page(found, command):
            say(line)
    if found.refusal:
        raise SegyError(found.refusal.where, found.refusal.what, found.refusal.mend)


def command_of(surveys: tuple[Location, ...], found: Examination) -> list[str]:
    """Return the words of the command that ingests a survey as the doctor recommends."""
    names = [str(survey) for survey in surveys]
    first = Path(names[0])
    volume = f"{first.stem if len(names) == 1 else first.absolute().parent.name or 'survey'}.zarr"
    if len(names) > MOST_FILES and "://" not in names[0]:
        every = sorted(str(path) for path in first.parent.glob(f"*{first.suffix}"))
        if every == sorted(names):
            names = [str(first.parent / f"*{first.suffix}")]
    return ["graben", "ingest", *names, volume, *found.arguments]


def page(found: Examination, command: list[str] | None) -> list[str]:
    """Return the lines of the page."""
    names = ", ".join(Path(name).name for name in found.surveys[:MOST_FILES])
    lines = [names + _more(found), _verdict(found), ""]
    lines += [f"  {name:<12}{words}" for name, words in _facts(found) if words]
    lines += [""] * bool(found.findings) + [_line(finding) for finding in found.findings]
    if len(found.candidates) > 1:
        places = (
            f"{c.inline_byte}/{c.crossline_byte} ({c.inlines} x {c.crosslines}, {c.occupancy:.0%} filled)"
            for c in found.candidates[:MOST_CANDIDATES]
        )
        lines.append(f"Places of line numbers, best first: {', '.join(places)}")
    lines.append("")
    if command is None:
        return [*lines, "No option mends that."]
    return [*lines, " ".join(_quoted(word) for word in command)]


def _verdict(found: Examination) -> str:
    """Return what matters most in a line."""
    bad = [one for one in found.findings if one.severity in {"stops", "wrong"}]
    if found.refusal:
        return f"Cannot be ingested: {found.refusal.what}."
    if any(not one.options for one in bad):
        return "The volume will be wrong all the same, until the file is mended."
    if bad:
        return "Wrong as it is; the command below mends it."
    looks = sum(one.severity == "look" for one in found.findings)
    return (
        f"Can be read as it is; {counted(looks, 'thing')} to look at."
        if looks
        else "Nothing is wrong with it."
    )


def _more(found: Examination) -> str:
    more = len(found.surveys) - MOST_FILES
    return f" and {more} more" if more > 0 else ""


def _where(finding: Finding) -> str:
    """Return files and header bytes in brackets, nothing where it is all of the survey."""
    more = len(finding.files) - 1
    names = (
        [Path(finding.files[0]).name + f" and {more} more" * (more > 0)] if finding.files else []
    )
    places = ", ".join([*names, *filter(None, [finding.where])])
    return f" ({places})" if places else ""


def _line(finding: Finding) -> str:
    """Return what is wrong, where, and what mends it."""
    where = _where(finding)
    words = " ".join(as_arguments(finding.options)) or finding.advice
    if removed := [name for name, value in finding.options.items() if value is None]:
        words = "without --" + ", --".join(name.replace("_", "-") for name in removed)
    if finding.options and not finding.must:
        words = f"perhaps {words}"
    return f"{finding.severity + ':':<7}{finding.what}{where}" + (f" -> {words}" if words else "")


def _facts(found: Examination) -> list[tuple[str, str]]:
    """Return the facts, each with its name; an empty one is not known."""
    return [
        ("file", _file(found)),
        ("lines", _lines(found)),
        ("traces", _traces(found)),
        ("samples", _vertical(found)),
        ("amplitude", _amplitude(found.statistics) if found.statistics else ""),
        ("coordinates", _coordinates(found.coordinates) if found.coordinates else ""),
        ("plan", _plan(found.plan) if found.plan else ""),
    ]


def _file(found: Examination) -> str:
    file = found.file
    if file is None:
        return ""
    extra = f", first trace at {file.first_trace}" * (file.first_trace > 3600)
    extra += f", {file.trace_header_bytes} header bytes a trace" * (file.trace_header_bytes > 240)
    extra += f", {file.trailer_bytes} bytes after the traces" * (file.trailer_bytes > 0)
    return (
        f"{size_in_words(file.size)}, revision {file.revision}, {file.byte_order}-endian, "
        f"{file.format_name} (format {file.format}){extra}"
    )


def _lines(found: Examination) -> str:
    if not (found.inlines and found.crosslines):
        return ""
    return ", ".join(
        _axis(lines, name)
        for lines, name in ((found.inlines, "inline"), (found.crosslines, "crossline"))
    )


def _axis(lines: LineFacts, name: str) -> str:
    place = f"byte {lines.byte}" if lines.byte else "not in the headers"
    if lines.count == 1:
        return f"{name} {lines.first} ({place})"
    step = f" step {lines.step}" if lines.step != 1 else ""
    return f"{lines.count} {name}s {lines.first} to {lines.last}{step} ({place})"


def _traces(found: Examination) -> str:
    traces = found.traces
    if traces is None:
        return f"{found.file.traces}" if found.file and found.file.traces else ""
    bins = (
        "one in every bin"
        if not traces.missing
        else f"{traces.missing} of {traces.bins} bins empty"
    )
    beside = f", {traces.beside} without a bin of their own" if traces.beside else ""
    return f"{traces.count}, {bins}{beside}, {traces.order}"


def _vertical(found: Examination) -> str:
    axis = found.vertical
    if axis is None:
        return f"{found.file.samples} a trace" if found.file else ""
    return (
        f"{axis.count}, {axis.domain} {axis.first:g} to {axis.last:g} {axis.unit} "
        f"every {axis.interval:g} {axis.unit}"
    )


def _amplitude(facts: SampleFacts) -> str:
    if facts.minimum is None or facts.maximum is None or facts.rms is None:
        return f"none of the samples of {facts.traces} traces is a number"
    extra = f", {facts.zeros:.1%} zeros" * (facts.zeros >= 0.001)
    extra += f", {facts.not_finite:.1%} not finite" * (facts.not_finite > 0)
    extra += f", {counted(facts.zero_traces, 'trace')} all zero" * (facts.zero_traces > 0)
    return (
        f"{facts.minimum:.4g} to {facts.maximum:.4g}, rms {facts.rms:.4g}{extra} "
        f"(of {counted(facts.traces, 'trace')})"
    )


def _coordinates(facts: MapFacts) -> str:
    x, y = (f"{low:.10g} to {high:.10g}" for low, high in (facts.x, facts.y))
    grid = ""
    if facts.inline_spacing and facts.crossline_spacing:
        grid = (
            f"; bins {facts.inline_spacing:.4g} x {facts.crossline_spacing:.4g} {facts.unit}, "
            f"inlines run {facts.inline_azimuth:g} degrees from north"
        )
    return f"X {x}, Y {y} {facts.unit} (bytes {facts.x_byte}/{facts.y_byte}){grid}"


def _plan(facts: PlanFacts) -> str:
    seconds = f"about {facts.seconds:.0f} s" if facts.seconds >= 1 else "under a second"
    parts = (
        f"{counted(facts.jobs, 'job')} of {size_in_words(facts.shard_bytes)}",
        f"{size_in_words(facts.memory_bytes)} of memory",
        f"at most {size_in_words(facts.output_bytes)} of output",
        f"{seconds} on {counted(facts.threads, 'thread')}",
    )
    return ", ".join(parts)


def size_in_words(count: float) -> str:
    """Return a number of bytes in the largest unit that fits."""
    for factor, unit in UNITS:
        if count >= factor:
            return f"{count / factor:.3g} {unit}"
    return f"{count:.0f} bytes"


def _quoted(word: str) -> str:
    """Return a word as a shell takes it; a pattern of files stays one."""
    return word if "*" in word and " " not in word else shlex.quote(word)
