"""The doctor: each finding is there with the fault and not without it, and what mends a file does."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from flows.convert import export_volume, ingest_survey
from flows.settings.segy import Export, Ingest
from storage.errors import OtherRunError, SegyError
from storage.files import LocalFile
from tasks.doctor import examine
from tasks.examination import Examination
from tests.doctor_cases import SWAPPED_SAMPLES, TOLD, UNMENDABLE
from tests.doctor_faults import Case
from tests.doctor_mended import MENDED
from tests.plain_survey import write_regular
from tests.segy_parts import Variant
from tests.segy_torture import VARIANTS
from tests.surveys import Form, grid_traces, write_segy

HEALTHY = [name for name, v in VARIANTS.items() if not (v.refused or v.options)]


def codes(found: Examination) -> list[str]:
    return [finding.code for finding in found.findings]


def ingest(source: Path, volume: Path, options: Mapping[str, Any]) -> xr.Dataset:
    """Do what the command does with these options."""
    ingest_survey(Ingest.read({"surveys": (source,), "volume": volume, **options}))
    opened: xr.Dataset = xr.open_zarr(volume, chunks=None)
    return opened


class Sound:
    """The files without a fault, each made and examined once."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.known = folder, list[tuple[Variant, list[str], xr.Dataset]]()

    def of(self, variant: Variant) -> tuple[list[str], xr.Dataset]:
        """Return what the doctor says of a file, and its volume."""
        for known, said, volume in self.known:
            if known == variant:
                return said, volume
        path = variant.write(self.folder / f"{len(self.known)}.sgy")
        said = codes(examine([path], {}))
        self.known.append((variant, said, ingest(path, path.with_suffix(".zarr"), {})))
        return self.of(variant)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Sound:
    return Sound(tmp_path_factory.mktemp("sound"))


def found_with_and_not_without(case: Case, path: Path, sound: Sound) -> Examination:
    """Examine the file with the fault; the finding must be there, and not without the fault."""
    found = examine([case.faulty.write(path)], case.said)
    finding = next(finding for finding in found.findings if finding.code == case.code)
    assert finding.severity == case.severity
    assert case.code not in sound.of(case.sound)[0]
    return found


@pytest.mark.parametrize("name", MENDED)
def test_a_fault_is_found_and_what_is_recommended_mends_it(
    tmp_path: Path, name: str, sound: Sound
) -> None:
    case, path = MENDED[name], tmp_path / "survey.sgy"
    found = found_with_and_not_without(case, path, sound)
    assert found.refusal is None
    assert found.options == case.mends
    assert len(set(codes(found))) == len(found.findings)
    if found.candidates and "inline_byte" in case.mends:
        best = found.candidates[0]
        assert best.pair == (case.mends["inline_byte"], case.mends["crossline_byte"])
    mended = ingest(path, tmp_path / "mended.zarr", found.options)
    if case.same:
        same(mended, sound.of(case.sound)[1])


def same(one: xr.Dataset, other: xr.Dataset) -> None:
    for name in ("inline", "crossline", "twt", "live_mask", "amplitude", "cdp_x", "cdp_y"):
        np.testing.assert_array_equal(one[name].values, other[name].values)


@pytest.mark.parametrize("name", TOLD)
def test_what_needs_no_option_is_told(tmp_path: Path, name: str, sound: Sound) -> None:
    found = found_with_and_not_without(TOLD[name], tmp_path / "survey.sgy", sound)
    assert (found.refusal, found.options) == (None, {})


@pytest.mark.parametrize("name", UNMENDABLE)
def test_what_the_doctor_gives_up_no_ingest_takes(tmp_path: Path, name: str, sound: Sound) -> None:
    found = found_with_and_not_without(UNMENDABLE[name], tmp_path / "survey.sgy", sound)
    assert found.refusal
    assert codes(found) == [UNMENDABLE[name].code]
    with pytest.raises(SegyError):
        ingest(tmp_path / "survey.sgy", tmp_path / "volume.zarr", found.options)


@pytest.mark.parametrize("name", HEALTHY)
def test_a_file_that_reads_as_it_is_needs_no_option(tmp_path: Path, name: str) -> None:
    found = examine([VARIANTS[name].write(tmp_path / "survey.sgy")], {})
    assert found.options == ({"format": 5} if name == "called-ibm-and-ieee" else {})
    assert "told" not in codes(found)
    json.dumps(asdict(found), allow_nan=False)
    assert found.refusal is None


@pytest.mark.parametrize("name", [name for name in VARIANTS if name not in HEALTHY])
def test_the_doctor_finds_what_a_user_would_name(tmp_path: Path, name: str) -> None:
    """And mends what is refused without options; pre-stack files and the like stay refused."""
    variant = VARIANTS[name]
    found = examine([variant.write(tmp_path / "survey.sgy")], {})
    if found.refusal:
        assert variant.refused
    elif variant.shape and not variant.refused:
        axes = found.inlines, found.crosslines, found.vertical
        assert tuple(axis.count for axis in axes if axis) == variant.shape


def test_depth_in_whole_metres_is_metres(tmp_path: Path) -> None:
    source = MENDED["metres-as-microseconds"].faulty.write(tmp_path / "survey.sgy")
    volume = ingest(source, tmp_path / "volume.zarr", examine([source], {}).options)
    np.testing.assert_array_equal(volume.depth, 5.0 * np.arange(40))


def test_a_torn_file_lacks_its_last_trace_alone(tmp_path: Path) -> None:
    source = MENDED["torn"].faulty.write(tmp_path / "survey.sgy")
    volume = ingest(source, tmp_path / "volume.zarr", examine([source], {}).options)
    assert np.flatnonzero(~volume.live_mask.values.ravel()).tolist() == [479]


def test_traces_without_a_geometry_keep_the_order_of_the_file(tmp_path: Path) -> None:
    source = MENDED["no-geometry"].faulty.write(tmp_path / "survey.sgy")
    volume = ingest(source, tmp_path / "volume.zarr", examine([source], {}).options)
    assert volume.amplitude.shape == (1, 480, 40)


def test_what_the_user_names_stays(tmp_path: Path) -> None:
    said: dict[str, Any] = {"domain": "time", "duplicates": "last", "sample_interval": 10.0}
    source = Variant().write(tmp_path / "survey.sgy")
    found = examine([source], said)
    assert found.options == said
    assert found.vertical
    assert (found.vertical.interval, found.vertical.unit) == (10.0, "ms")
    assert "depth-as-time" not in codes(found)


def test_lines_that_the_user_names_go_where_none_are(tmp_path: Path) -> None:
    source = MENDED["no-geometry"].faulty.write(tmp_path / "survey.sgy")
    said: dict[str, Any] = {"inline_byte": 17, "crossline_byte": 13, "duplicates": "last"}
    assert examine([source], said).options == {"as_line": True, "duplicates": "last"}


def test_copies_of_line_numbers_are_no_coordinates(tmp_path: Path) -> None:
    traces = grid_traces((20, 24, 4), step=(2, 3))
    copies = {17: traces.inline, 21: traces.crossline}
    form = Form(coordinate_bytes=None, scalar=1, fields=copies)
    found = examine([write_segy(tmp_path / "survey.sgy", traces, form)], {})
    assert (codes(found), found.options) == (["no-coordinates"], {})


def test_traces_with_wild_coordinates_are_counted_and_one_is_named(tmp_path: Path) -> None:
    case = TOLD["dead-with-wild-coordinates"]
    (finding,) = examine([case.faulty.write(tmp_path / "survey.sgy")], {}).findings
    assert finding.what.startswith(
        "8 traces off the grid of the others, such as trace 8 at 9999999"
    )


def test_facts_are_those_of_the_survey(tmp_path: Path) -> None:
    found = examine([VARIANTS["missing"].write(tmp_path / "survey.sgy")], {})
    assert found.file
    assert (found.file.format, found.file.byte_order, found.file.samples) == (1, "big", 40)
    assert found.inlines
    assert (found.inlines.byte, found.inlines.first, found.inlines.last) == (189, 101, 120)
    assert found.traces
    assert (found.traces.live, found.traces.missing) == (437, 43)
    assert found.traces.order == "inline by inline"
    assert found.vertical
    assert (str(found.vertical.first), found.vertical.last) == ("0.0", 156.0)
    assert found.coordinates
    assert found.coordinates.inline_spacing == pytest.approx(25.0, abs=0.01)
    assert found.coordinates.crossline_spacing == pytest.approx(12.5, abs=0.01)
    # Crosslines run along (cos, sin) of 0.41 from east; an azimuth is counted from north, clockwise.
    assert found.coordinates.inline_azimuth == pytest.approx(90 - np.degrees(0.41), abs=0.1)
    assert found.statistics
    assert found.statistics.traces == 300
    assert found.plan
    assert (found.plan.jobs, found.plan.output_bytes) == (1, 437 * 400)


@pytest.mark.parametrize(
    ("name", "order"),
    [("crossline-sorted", "crossline by crossline"), ("shuffled", "mixed")],
)
def test_the_order_of_the_traces_is_told(tmp_path: Path, name: str, order: str) -> None:
    found = examine([VARIANTS[name].write(tmp_path / "survey.sgy")], {})
    assert found.traces
    assert found.traces.order == order


def test_a_large_file_is_not_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Long traces: of most the header alone is read, and of the probes the rest."""
    path = write_regular(tmp_path / "large.sgy", (20, 25, 20_000))
    monkeypatch.setattr("storage.segy.doctor.look.TRACES", 20)
    read = [0]

    class Counting(LocalFile):
        def read(self, offset: int, count: int) -> bytes:
            read[0] += count
            return super().read(offset, count)

        def read_into(self, offset: int, out: np.ndarray) -> int:
            read[0] += out.size
            return super().read_into(offset, out)

    monkeypatch.setattr("storage.files.LocalFile", Counting)
    found = examine([path], {})
    assert found.refusal is None
    assert found.traces
    assert found.traces.count == 500
    assert read[0] < 0.2 * path.stat().st_size


def test_some_headers_find_the_lines_of_many(tmp_path: Path) -> None:
    """A survey with more traces than are probed, its lines at bytes 17 and 13."""
    path = write_regular(tmp_path / "many.sgy", (120, 130, 3))
    content = np.frombuffer(path.read_bytes()[3600:], np.uint8).reshape(-1, 252).copy()
    content[:, 16:20], content[:, 12:16] = content[:, 188:192], content[:, 192:196]
    content[:, 188:196] = 0
    content[1500, 12:20] = content[1501, 12:20]  # not among those that are looked at first
    path.write_bytes(path.read_bytes()[:3600] + content.tobytes())
    found = examine([path], {})
    assert found.options == {"inline_byte": 17, "crossline_byte": 13}
    assert found.traces
    assert (found.traces.live, found.traces.beside) == (15_599, 1)
    assert (found.candidates[0].doubled, found.candidates[0].agrees) == (1, True)


def test_samples_in_another_byte_order_than_headers_are_refused(tmp_path: Path) -> None:
    case = SWAPPED_SAMPLES
    found = examine([case.faulty.write(tmp_path / "survey.sgy")], {})
    assert (codes(found), found.options) == (["sample-order"], {})
    assert found.refusal
    assert found.refusal.what == "the samples are little-endian, the headers big-endian"
    assert codes(examine([case.sound.write(tmp_path / "sound.sgy")], {})) == []


def test_a_scalar_that_the_user_names_is_in_the_files_made_from_the_volume(
    tmp_path: Path,
) -> None:
    """The export of the same bytes keeps the wrong one."""
    source = MENDED["scalar-lost"].faulty.write(tmp_path / "survey.sgy")
    ingest(source, tmp_path / "a.zarr", {"coordinate_scalar": -100})
    for profile in ("same", "opendtect"):
        out = tmp_path / f"{profile}.sgy"
        said = {"volume": tmp_path / "a.zarr", "out": out, "profile": profile}
        export_volume(Export.read(said))
    assert (tmp_path / "same.sgy").read_bytes() == source.read_bytes()
    assert codes(examine([tmp_path / "opendtect.sgy"], {})) == []
    assert survey_of(tmp_path / "opendtect.sgy") == survey_of(source, {"coordinate_scalar": -100})


def test_a_named_scalar_makes_another_volume(tmp_path: Path) -> None:
    source = Variant().write(tmp_path / "survey.sgy")
    ingest(source, tmp_path / "a.zarr", {})
    with pytest.raises(OtherRunError):
        ingest(source, tmp_path / "a.zarr", {"coordinate_scalar": -100, "resume": True})


def survey_of(path: Path, said: Mapping[str, Any] | None = None) -> tuple[Any, ...]:
    found = examine([path], said or {}).coordinates
    assert found
    return found.x, found.y, found.inline_spacing, found.crossline_spacing
