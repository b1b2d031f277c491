"""From SEG-Y to SEG-Y with a stand-in for the network: no trace is lost, no number is bent."""

from pathlib import Path

import numpy as np
import pytest
import segyio
import xarray as xr
from numpy.typing import NDArray

from storage.segy.records import inspect
from storage.segy.scan import Survey
from storage.volume import attributes_of, geometry_of
from tasks.scan import scan_survey
from tests.stand_in import Blank, StandIn
from tests.surveys import GOOD, Form, Traces, write_segy
from tests.tasks.volume_runs import probability, run, wide_traces

# Trace header fields that the OpendTect checklist fills; all others are the input's.
FILLED = {1, 5, 9, 21, 29, 35, 73, 77, 89, 105, 109, 115, 117, 169, 181, 185, 189, 193, 215}


def scaled(file: segyio.SegyFile, byte: int) -> NDArray[np.float64]:
    scalar = file.attributes(71)[:].astype(float)
    factor = np.where(scalar < 0, -1 / np.where(scalar < 0, scalar, -1), np.maximum(scalar, 1))
    return np.asarray(file.attributes(byte)[:] * factor)


def assert_same_traces(source: Path, out: Path, survey: Survey) -> None:
    """Every trace of the input lies in faults.sgy, inline-major, with the samples of faults.zarr."""
    assert survey.line_bytes
    il, xl = survey.line_bytes
    x, y = survey.coordinate_bytes or (181, 185)
    with (
        segyio.open(source, ignore_geometry=True, endian=survey.layout.order) as given,
        segyio.open(out / "faults.sgy", ignore_geometry=True) as made,
    ):
        lines = given.attributes(il)[:], given.attributes(xl)[:]
        order = np.lexsort(lines[::-1])
        assert made.tracecount == given.tracecount
        for byte, expected in ((189, lines[0]), (9, lines[0]), (193, lines[1]), (21, lines[1])):
            np.testing.assert_array_equal(made.attributes(byte)[:], expected[order])
        for byte, place in ((181, x), (73, x), (185, y), (77, y)):
            np.testing.assert_array_equal(scaled(made, byte), scaled(given, place)[order])
        for byte in (117, 109):
            there, here = given.attributes(byte)[:][order], made.attributes(byte)[:]
            np.testing.assert_array_equal(here[there != 0], there[there != 0], err_msg=str(byte))
        np.testing.assert_array_equal(made.attributes(105)[:], -made.attributes(109)[:])
        for byte in {int(key) for key in segyio.TraceField.enums()} - FILLED - {0}:
            np.testing.assert_array_equal(
                made.attributes(byte)[:], given.attributes(byte)[:][order], err_msg=str(byte)
            )
        assert (made.attributes(115)[:] == given.bin[3221]).all()
        assert (made.attributes(117)[:] == made.bin[3217]).all()
        running = np.arange(1, made.tracecount + 1)
        units = given.attributes(89)[:][order]
        for byte, value in (
            (1, running),
            (5, running),
            (29, 1),
            (35, 1),
            (89, np.where(np.isin(units, (2, 3, 4)), units, 1)),
            (169, 0),
            (215, 0),
        ):
            assert (made.attributes(byte)[:] == value).all(), byte
        assert made.bin[3221] == given.bin[3221] == len(made.samples)
        interval = inspect(out / "faults.sgy").interval_us
        assert interval == round(survey.geometry.samples.interval * 1000)
        assert made.bin[3217] % 65536 == interval, "segyio reads it signed"
        live = geometry_of(out / "faults.zarr").live_mask
        np.testing.assert_array_equal(made.trace.raw[:], np.nan_to_num(probability(out)[live]))


def assert_opendtect_reads(path: Path) -> None:
    """The file header is as OpendTect's reader wants it (revision 1, big-endian, IEEE, fixed)."""
    head = path.read_bytes()[:3600]
    lines = [head[i : i + 80].decode("cp037") for i in range(0, 3200, 80)]
    assert [line[:3] for line in lines] == [f"C{row:02d}" for row in range(1, 41)]
    text = "\n".join(lines)
    for words in ("Fault probability", "0 = no fault, 1 = fault", "189-192", "193-196", "181-184"):
        assert words in text
    fields = {b: int.from_bytes(head[b - 1 : b + 1], "big") for b in range(3201, 3600, 2)}
    known = {3217, 3221, 3225, 3229, 3255, 3501, 3503}
    assert fields[3225] == 5
    assert fields[3229] == 4
    assert fields[3255] in (1, 2)
    assert fields[3501] == 0x0100
    assert fields[3503] == 1
    assert not any(value for byte, value in fields.items() if byte not in known)


# What only reading can get wrong is tested with reading; these also change what is written.
READING = {"int32", "float64", "uint8", "uint16", "falling", "scalar-1", "scalar-10", "no-scalar"}


@pytest.fixture(params=[name for name in GOOD if name not in READING])
def good(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, Traces, Form]:
    make, form = GOOD[request.param]
    traces = make()
    return write_segy(tmp_path / "made.sgy", traces, form), traces, form


def test_every_trace_of_a_made_survey_comes_back(
    good: tuple[Path, Traces, Form], tmp_path: Path
) -> None:
    path, traces, _ = good
    survey = run(path, tmp_path / "out")
    assert_same_traces(path, tmp_path / "out", survey)
    assert_opendtect_reads(tmp_path / "out" / "faults.sgy")
    volume = xr.open_zarr(tmp_path / "out" / "volume.zarr", chunks=None)
    live = volume["live_mask"].values
    ordered = traces.inline_major()
    assert int(live.sum()) == len(traces) == volume.attrs["statistics"]["live_traces"]
    np.testing.assert_array_equal(volume["amplitude"].values[live], ordered.amplitude)
    empty = volume["amplitude"].values[~live]
    assert (np.isnan(empty) if empty.dtype.kind == "f" else empty == 0).all()
    np.testing.assert_array_equal(np.isnan(probability(tmp_path / "out")).any(axis=2), ~live)
    found = probability(tmp_path / "out")[live]
    assert (found >= 0).all()
    assert (found <= 1).all()
    assert found.any()
    left = {entry.name for entry in (tmp_path / "out").iterdir()}
    assert left == {"volume.zarr", "faults.zarr", "faults.sgy"}


@pytest.mark.parametrize(
    "name",
    [
        "segyio/f3.sgy",
        "segyio/f3-lsb.sgy",
        "segyio/left-small.sgy",
        "segyio/mapping-default.sgy",
        "segysak/f3-withdead.sgy",
        "xtgeo/ex2_complete_3d_75x71x26.segy",
        "xtgeo/ex1_missing_traces_75x71x26.segy",
        "seismic-zfp/small_us.sgy",
        "real-2d/penobscot_xl1155.sgy",
        "real-2d/volve10r12-full-twt-arb.sgy",
    ],
)
def test_every_trace_of_a_foreign_survey_comes_back(
    shared_data: Path, tmp_path: Path, name: str
) -> None:
    path = shared_data / "segy" / name
    survey = run(path, tmp_path / "out", network=StandIn(halo=8))
    assert_same_traces(path, tmp_path / "out", survey)
    assert_opendtect_reads(tmp_path / "out" / "faults.sgy")
    assert survey.line_bytes
    with segyio.open(path, ignore_geometry=True, endian=survey.layout.order) as given:
        order = np.lexsort([given.attributes(byte)[:] for byte in survey.line_bytes[::-1]])
        volume = xr.open_zarr(tmp_path / "out" / "volume.zarr", chunks=None)
        samples = volume["amplitude"].values[volume["live_mask"].values]
        np.testing.assert_array_equal(samples, given.trace.raw[:][order])
    if survey.geometry.live_mask.all():
        assert_opens_as_a_cube(tmp_path / "out", survey)


def assert_opens_as_a_cube(out: Path, survey: Survey) -> None:
    with segyio.open(out / "faults.sgy") as file:
        np.testing.assert_array_equal(file.ilines, survey.geometry.inlines)
        np.testing.assert_array_equal(file.xlines, survey.geometry.crosslines)
        np.testing.assert_allclose(file.samples, survey.geometry.samples.values())
        if min(survey.geometry.shape[:2]) > 1:
            assert file.sorting == segyio.TraceSortingFormat.INLINE_SORTING
            np.testing.assert_array_equal(segyio.tools.cube(file), probability(out))


@pytest.mark.parametrize(
    "name", ["plain", "steps-of-2", "negative-lines", "delay", "int16-little"]
)
def test_a_regular_survey_opens_as_a_cube(tmp_path: Path, name: str) -> None:
    make, form = GOOD[name]
    survey = run(write_segy(tmp_path / "made.sgy", make(), form), tmp_path / "out")
    assert_opens_as_a_cube(tmp_path / "out", survey)


def test_no_trace_is_lost_over_many_shards_and_empty_ones(wide: Path, clean: Path) -> None:
    assert_same_traces(wide, clean, scan_survey(wide))
    assert len(attributes_of(clean / "faults.zarr")["busiest"]) == 3
    volume = xr.open_zarr(clean / "volume.zarr", chunks=None)
    live = volume["live_mask"].values
    np.testing.assert_array_equal(volume["amplitude"].values[live], wide_traces().amplitude)
    np.testing.assert_array_equal(np.isnan(volume["amplitude"].values).all(axis=2), ~live)


def test_a_blank_predictor_leaves_zeros_where_there_are_traces(tmp_path: Path) -> None:
    make, form = GOOD["holes-int16"]
    path = write_segy(tmp_path / "made.sgy", make(), form)
    run(path, tmp_path / "out", network=Blank(halo=8))
    live = geometry_of(tmp_path / "out" / "faults.zarr").live_mask
    found = probability(tmp_path / "out")
    assert not found[live].any()
    assert np.isnan(found[~live]).all()
    with segyio.open(tmp_path / "out" / "faults.sgy", ignore_geometry=True) as file:
        assert not file.trace.raw[:].any()
