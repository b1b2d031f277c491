"""Look SEG-Y files over: what they are, what is wrong with them, and which options mend it; writes nothing.

The file headers come first, as nothing else can be read before the records are found; then the samples of
some hundred traces; then the headers of all traces, as any scan reads them. Every option that is
recommended has been tried: the facts of an examination are those of a scan with all of them.
"""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

import numpy as np

from storage.errors import SegyError
from storage.files import open_file
from storage.locations import Location
from storage.segy.doctor.axis import Stated, judge_axis
from storage.segy.doctor.coordinates import OnMap, judge_coordinates
from storage.segy.doctor.finding import Finding, Options, ranked
from storage.segy.doctor.formats import judge_format
from storage.segy.doctor.hints import Hints, read_hints
from storage.segy.doctor.look import Headers, some_headers, some_samples
from storage.segy.doctor.placing import judge_found_lines, judge_missing_lines
from storage.segy.doctor.search import Search
from storage.segy.doctor.shape import judge_shape
from storage.segy.doctor.strides import header_at
from storage.segy.doctor.told import tell
from storage.segy.fields import TEXT_BYTES, TRACE_INTERVAL
from storage.segy.file_head import UNREADABLE_FORMATS, Reading
from storage.segy.lines import Places, candidates
from storage.segy.scan import Axis, Survey, scan
from storage.segy.source import Source
from storage.segy.text_header import text_lines
from tasks.doctor_records import judge_layouts, judge_refused
from tasks.examination import Examination, Refusal
from tasks.scan import inspect_survey
from tasks.survey_facts import file_facts, head_facts, sample_facts, survey_facts

ROUNDS = 5
"""Mends of one file header after another."""

MOST_ON_MAP = 1 << 20
"""Traces whose coordinates are judged; of more every second, third or so."""

LINE_OPTIONS = {"inline_byte", "crossline_byte"}


def examine(files: Sequence[Location], said: Options) -> Examination:
    """Examine the SEG-Y files of one survey.

    Parameters
    ----------
    files
        Absolute paths or URLs.
    said
        Options of an ingest that the user names, by their names: ``inline_byte``, ``format`` and so on.

    Raises
    ------
    SegyError
        If a file is not there, may not be read, or is shorter than file headers are: then there is
        nothing to examine.
    """
    return _Doctor(files, said).examine()


class _Doctor:
    """One examination under way: the options in force, and what was found."""

    def __init__(self, files: Sequence[Location], said: Options) -> None:
        self.files = files
        self.options: dict[str, Any] = dict(said)
        self.findings: list[Finding] = []
        self.facts: dict[str, Any] = {}

    def examine(self) -> Examination:
        """Go from the file headers to the coordinates, as far as the files allow."""
        refusal = None
        try:
            source = self._find_records()
            hints = self._judge_axis(source)
            source = self._judge_samples(source)
            headers = some_headers(source, self.options.get("coordinate_scalar"))
            survey = self._find_lines(source, headers, hints)
            survey = self._judge_map(survey, headers)
            self.findings += tell(survey.notices, self.findings)
            self.facts |= survey_facts(survey)
        except SegyError as error:
            if not self.findings:
                raise
            refusal = self._refusal(error)
        return Examination(
            tuple(str(file) for file in self.files),
            **self.facts,
            findings=ranked(self.findings),
            options=self.options,
            refusal=refusal,
        )

    def _refusal(self, error: SegyError) -> Refusal:
        """Return the finding that no option mends, else what stopped the last reading."""
        if finding := self._unmendable():
            where = (*finding.files, error.where)[0]
            return Refusal(where, finding.what, finding.advice)
        return Refusal(error.where, error.what, error.mend)

    def _unmendable(self) -> Finding | None:
        stops = [one for one in self.findings if one.severity == "stops" and not one.options]
        return stops[0] if stops else None

    def _refuse_unmendable(self, source: Source) -> None:
        """Go no further where no option helps."""
        if finding := self._unmendable():
            raise SegyError(source.path, finding.what, finding.advice)

    def _add(self, findings: Sequence[Finding]) -> bool:
        """Keep findings, and take over the options of those that must be; tell whether any changed."""
        before = dict(self.options)
        self.findings += findings
        for finding in findings:
            for name, value in finding.options.items() if finding.must else ():
                self.options.pop(name, None)
                if value is not None:
                    self.options[name] = value
                if name == "as_line":
                    self.options = {k: v for k, v in self.options.items() if k not in LINE_OPTIONS}
        return self.options != before

    @property
    def _reading(self) -> Reading:
        of = self.options.get
        return Reading(of("samples"), of("format"), of("byte_order"), bool(of("salvage")))

    @property
    def _places(self) -> Places:
        of = self.options.get
        lines = of("inline_byte"), of("crossline_byte")
        coordinates = of("cdp_x_byte"), of("cdp_y_byte")
        return Places(*lines, *coordinates, bool(of("as_line")), of("coordinate_scalar"))

    def _scan(self, source: Source) -> Survey:
        of = self.options.get
        units = of("depth_unit"), of("xy_unit")
        axis = Axis(of("domain", "time"), of("sample_interval"), False, *units)
        duplicates = of("duplicates", "first")
        return scan(source, places=self._places, axis=axis, duplicates=duplicates)

    def _find_records(self) -> Source:
        """Find out where the records lie, one mend after another."""
        for _ in range(ROUNDS):
            try:
                source = inspect_survey(self.files, self._reading)
            except SegyError as error:
                findings, head, size = judge_refused(self.files, self._reading, error)
                if head.width or head.format_code in UNREADABLE_FORMATS:
                    self.facts["file"] = head_facts(head, size)
                if not self._add(findings):
                    raise
                continue
            if not self._add(judge_layouts(source, self._reading)):
                break
        source = inspect_survey(self.files, self._reading)
        self._refuse_unmendable(source)
        self.facts["file"] = file_facts(source.first, _size(source.path))
        return source

    def _judge_axis(self, source: Source) -> Hints:
        """Judge the vertical axis; return what the text header says."""
        layout = source.first
        with closing(open_file(source.path)) as file:
            hints = read_hints(text_lines(file.read(0, TEXT_BYTES)))
            lead = header_at(file, layout.first)
        place = lead[TRACE_INTERVAL - 1 : TRACE_INTERVAL + 1].tobytes()
        own = int.from_bytes(place, layout.order)
        unit = self.options.get("depth_unit") or ("ft" if layout.feet else "m")
        self._add(
            judge_axis(
                Stated(layout.interval_us, own, layout.samples, unit),
                hints,
                sure="domain" in self.options,
                named="sample_interval" in self.options,
            )
        )
        return hints

    def _judge_samples(self, source: Source) -> Source:
        """Judge the sample format by some hundred traces."""
        _, raw = some_samples(source)
        if self._add(judge_format(raw, source.format_code, source.order)):
            source = inspect_survey(self.files, self._reading)
            self.facts["file"] = file_facts(source.first, _size(source.path))
        self._refuse_unmendable(source)
        self.facts["statistics"] = sample_facts(source, raw)
        return source

    def _find_lines(self, source: Source, headers: Headers, hints: Hints) -> Survey:
        """Scan, and look for other line numbers where those that are found are none or doubtful."""
        search = Search(source, headers, hints)
        try:
            survey = self._scan(source)
        except SegyError as error:
            if self.options.get("duplicates") == "error" and self._bears_duplicates(source, error):
                return self._scan(source)
            ranking = search.ranking()
            self.facts["candidates"] = tuple(ranking)
            tried = candidates(self._places)
            if not self._add(judge_missing_lines(ranking, search.unstacked(), tried)):
                raise
            return self._scan(source)
        named = {"as_line", *LINE_OPTIONS} & set(self.options)
        if named or not search.doubts(survey):
            return survey
        ranking = search.ranking(survey.line_bytes)
        now = next((c for c in ranking if c.pair == survey.line_bytes), None)
        if not self._add(judge_found_lines(ranking, now, made=survey.line_bytes is None)):
            return survey
        self.facts["candidates"] = tuple(ranking)
        return self._scan(source)

    def _bears_duplicates(self, source: Source, error: SegyError) -> bool:
        """Tell whether the survey is refused for its duplicates alone, and add that finding."""
        refusing, self.options = self.options, {**self.options, "duplicates": "first"}
        try:
            self._scan(source)
        except SegyError:
            self.options = refusing
            return False
        self._add([Finding("duplicates", "stops", error.what, options={"duplicates": "first"})])
        return True

    def _judge_map(self, survey: Survey, headers: Headers) -> Survey:
        """Judge coordinates and shape."""
        on_map = _on_map(survey)
        shape = survey.geometry.shape[:2]
        live = int(survey.geometry.live_mask.sum())
        self.findings += judge_shape(shape, live, len(survey.without_bin), on_map)
        if self._add(judge_coordinates(on_map, headers, survey.line_bytes)):
            survey = self._scan(survey.source)
            scalar = self.options.get("coordinate_scalar")
            headers = replace(headers, coordinate_scalar=scalar)
            self._add(judge_coordinates(_on_map(survey), headers, survey.line_bytes))
        return survey


def _on_map(survey: Survey) -> OnMap:
    """Return the traces of a survey on the map, of a very large one some of them."""
    geometry = survey.geometry
    places = np.flatnonzero(geometry.live_mask)
    places = places[:: len(places) // MOST_ON_MAP + 1]
    rows, columns = np.divmod(places, geometry.shape[1])
    numbers = survey.trace_map[rows, columns]
    order = np.argsort(numbers)
    rows, columns = rows[order], columns[order]
    return OnMap(
        geometry.inlines[rows],
        geometry.crosslines[columns],
        geometry.cdp_x[rows, columns],
        geometry.cdp_y[rows, columns],
        numbers[order],
        survey.coordinate_bytes,
        geometry.angle_unit or geometry.xy_unit,
    )


def _size(path: Location) -> int:
    with closing(open_file(path)) as file:
        return file.size
