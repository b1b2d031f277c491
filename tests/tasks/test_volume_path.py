"""From SEG-Y to SEG-Y with a stand-in for the network: no trace is lost, no number is bent."""

import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import segyio
import xarray as xr
from distributed import Client
from numpy.typing import NDArray

from storage.errors import InputError, SegyError
from storage.segy.checklist import Title
from storage.segy.records import inspect
from storage.segy.scan import Survey
from storage.volume import attributes_of, geometry_of
from tasks.export import export
from tasks.fan_out import JobsFailedError
from tasks.infer import FAULT_PROBABILITY, infer
from tasks.ingest import ingest
from tasks.keep_out import fault_source
from tasks.plan import ARRAY_BYTES, plan
from tasks.scan import scan_survey
from tasks.summary import busiest_slices, facts_of
from tests.stand_in import Blank, Farthest, StandIn
from tests.surveys import (
    BROKEN,
    GOOD,
    PLAIN,
    Form,
    Traces,
    grid_traces,
    near_the_equator,
    write_segy,
)

TITLE = Title("Fault probability", "made.sgy", "stand-in", "0 = no fault, 1 = fault")
IDENTITY = {"survey": "made"}
SMALL = Farthest(stride=8, halo=8)

# Trace header fields that the OpendTect checklist fills; all others are the input's.
FILLED = {1, 5, 9, 21, 29, 35, 73, 77, 89, 105, 109, 115, 117, 169, 181, 185, 189, 193, 215}


def run(
    path: Path,
    out: Path,
    *,
    network: StandIn = SMALL,
    memory: int = 3 << 30,
    client: Client | None = None,
    **options: Any,
) -> Survey:
    """Scan, ingest, infer and export, as the flow does."""
    survey = scan_survey(path, **options)
    tiling = plan(survey.geometry, network.facts, memory).tiling
    out.mkdir(exist_ok=True)
    volume, faults = out / "volume.zarr", out / "faults.zarr"
    ingest(survey, volume, identity=IDENTITY, client=client)
    infer(volume, faults, network, identity=IDENTITY, tiling=tiling, threshold=0.5, client=client)
    export(faults, FAULT_PROBABILITY, out / "faults.sgy", TITLE, identity=IDENTITY, client=client)
    return survey


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def probability(out: Path) -> NDArray[np.float32]:
    return np.asarray(xr.open_zarr(out / "faults.zarr", chunks=None)[FAULT_PROBABILITY].values)


def scaled(file: segyio.SegyFile, byte: int) -> NDArray[np.float64]:
    scalar = file.attributes(71)[:].astype(float)
    factor = np.where(scalar < 0, -1 / np.where(scalar < 0, scalar, -1), np.maximum(scalar, 1))
    return np.asarray(file.attributes(byte)[:] * factor)


def assert_same_traces(source: Path, out: Path, survey: Survey) -> None:
    """Every trace of the input lies in faults.sgy, inline-major, with the samples of faults.zarr."""
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


def test_depth_stays_depth(tmp_path: Path) -> None:
    path = write_segy(tmp_path / "made.sgy", PLAIN(), Form(interval=12500, delay=200))
    run(path, tmp_path / "out", domain="depth")
    faults = xr.open_zarr(tmp_path / "out" / "faults.zarr", chunks=None)
    assert faults[FAULT_PROBABILITY].dims == ("inline", "crossline", "depth")
    np.testing.assert_array_equal(faults["depth"].values, 200 + 12.5 * np.arange(21))
    with segyio.open(tmp_path / "out" / "faults.sgy") as file:
        assert file.bin[3217] == 12500
        assert file.header[0][109] == 200


@pytest.mark.parametrize(("measurement", "unit"), [(0, "m"), (1, "m"), (2, "ft")])
def test_feet_stay_feet(tmp_path: Path, measurement: int, unit: str) -> None:
    path = write_segy(tmp_path / "made.sgy", PLAIN(), Form(measurement=measurement))
    run(path, tmp_path / "out", domain="depth")
    for name in ("volume.zarr", "faults.zarr"):
        store = xr.open_zarr(tmp_path / "out" / name, chunks=None)
        assert [store[c].attrs["units"] for c in ("cdp_x", "cdp_y", "depth")] == [unit] * 3
    assert geometry_of(tmp_path / "out" / "faults.zarr").samples.length_unit == unit
    with segyio.open(tmp_path / "out" / "faults.sgy") as file:
        assert file.bin[3255] == (2 if unit == "ft" else 1)
        assert f"80 {unit}, inc: 4" in file.text[0].decode()


def test_angles_stay_angles_and_wells_cannot_be_kept_from_them(tmp_path: Path) -> None:
    form = Form(measurement=2, fields={89: 3})
    path = write_segy(tmp_path / "made.sgy", near_the_equator(), form)
    run(path, tmp_path / "out", domain="depth")
    geometry = geometry_of(tmp_path / "out" / "faults.zarr")
    assert (geometry.angle_unit, geometry.samples.length_unit) == ("degrees", "ft")
    with segyio.open(tmp_path / "out" / "faults.sgy") as file:
        assert (file.attributes(89)[:] == 3).all()
    with pytest.raises(InputError, match="coordinates are in degrees"):
        fault_source(tmp_path / "out" / "faults.zarr", interval=None, threshold=None)


def test_line_numbers_are_never_written_as_coordinates(tmp_path: Path) -> None:
    form = Form(line_bytes=(181, 185), coordinate_bytes=None)
    path = write_segy(tmp_path / "made.sgy", PLAIN(), form)
    survey = run(path, tmp_path / "out", inline_byte=181, crossline_byte=185)
    assert survey.coordinate_bytes is None
    with segyio.open(tmp_path / "out" / "faults.sgy") as file:
        for byte in (73, 77, 181, 185):
            assert not file.attributes(byte)[:].any(), byte


def test_a_time_scalar_is_applied_and_not_written_again(tmp_path: Path) -> None:
    path = write_segy(tmp_path / "made.sgy", PLAIN(), Form(delay=15000, fields={215: -10}))
    run(path, tmp_path / "out")
    with segyio.open(tmp_path / "out" / "faults.sgy") as file:
        assert (file.header[5][109], file.header[5][105], file.header[5][215]) == (1500, -1500, 0)


def test_a_named_interval_reaches_the_fault_cube(tmp_path: Path) -> None:
    path = write_segy(tmp_path / "made.sgy", PLAIN(), Form(interval=0))
    run(path, tmp_path / "out", sample_interval=50.0)
    with segyio.open(tmp_path / "out" / "faults.sgy", ignore_geometry=True) as file:
        assert file.bin[3217] & 0xFFFF == file.header[0][117] & 0xFFFF == 50000


def test_stores_open_without_a_warning_and_say_what_they_are(tmp_path: Path) -> None:
    run(write_segy(tmp_path / "made.sgy", PLAIN()), tmp_path / "out")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        volume, faults = (
            xr.open_zarr(tmp_path / "out" / name) for name in ("volume.zarr", "faults.zarr")
        )
    assert faults[FAULT_PROBABILITY].dims == ("inline", "crossline", "twt")
    assert faults[FAULT_PROBABILITY].dtype == np.float32
    assert set(faults.coords) == {"inline", "crossline", "twt", "cdp_x", "cdp_y", "live_mask"}
    attributes = {"threshold", "normalization", "weights_sha256", "runtime", "tiling", "affine"}
    assert attributes <= set(faults.attrs)
    assert volume.attrs["complete"] is faults.attrs["complete"] is True
    assert volume["cdp_x"].equals(faults["cdp_x"])


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


WIDE = (260, 130, 17)


def wide_traces() -> Traces:
    """Several shards: one without any trace, one with an empty inline, holes everywhere."""
    traces = grid_traces(WIDE, first=(1, 1), seed=8)
    row, column = traces.inline - 1, traces.crossline - 1
    keep = np.random.default_rng(9).random(len(traces)) > 0.1
    keep &= ~((row >= 128) & (row < 256) & (column >= 128))
    keep &= ~((row == 40) & (column < 128))
    keep |= (row == 0) | ((row == WIDE[0] - 1) & (column == WIDE[1] - 1))
    return traces.take(keep)


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_segy(tmp_path_factory.mktemp("wide") / "wide.sgy", wide_traces(), Form(code=1))


@pytest.fixture(scope="module")
def clean(wide: Path) -> Path:
    """A whole run over several shards and tiles, undisturbed."""
    run(wide, wide.parent / "clean", memory=TIGHT)
    return wide.parent / "clean"


TIGHT = 144 * 144 * 40 * (SMALL.bytes_per_sample + ARRAY_BYTES)
"""Room for one shard of the wide survey."""


def test_no_trace_is_lost_over_many_shards_and_empty_ones(wide: Path, clean: Path) -> None:
    assert_same_traces(wide, clean, scan_survey(wide))
    assert len(attributes_of(clean / "faults.zarr")["busiest"]) == 3
    volume = xr.open_zarr(clean / "volume.zarr", chunks=None)
    live = volume["live_mask"].values
    np.testing.assert_array_equal(volume["amplitude"].values[live], wide_traces().amplitude)
    np.testing.assert_array_equal(np.isnan(volume["amplitude"].values).all(axis=2), ~live)


@pytest.mark.parametrize("memory", [3 << 30, TIGHT * 33 // 40])
def test_the_memory_of_a_tile_changes_no_bit(
    wide: Path, clean: Path, tmp_path: Path, memory: int
) -> None:
    survey = scan_survey(wide)
    tiling = plan(survey.geometry, SMALL.facts, memory).tiling
    used = attributes_of(clean / "faults.zarr")["tiling"]
    assert (tiling.shards, tiling.depth_patch) != (used["shards"], used["depth_patch"])
    infer(
        clean / "volume.zarr",
        tmp_path / "faults.zarr",
        SMALL,
        identity=IDENTITY,
        tiling=tiling,
        threshold=0.5,
    )
    np.testing.assert_array_equal(probability(tmp_path), probability(clean))


@dataclass(frozen=True, slots=True)
class Failing(Farthest):
    """Fails from some call on, as a worker that runs out of memory does."""

    after: int = 0

    def load(self) -> "Failing":
        _calls.clear()
        return self

    def predict(self, amplitude: NDArray[np.float32]) -> NDArray[np.float32]:
        with _lock:
            _calls.append(1)
            if len(_calls) > self.after:
                msg = "no memory"
                raise MemoryError(msg)
        return Farthest.predict(self, amplitude)


_calls: list[int] = []
_lock = threading.Lock()


def failing_after(calls: int, function: Callable[..., Any]) -> Callable[..., Any]:
    left: Iterator[int] = iter(range(calls))

    def sometimes(*args: Any, **kwargs: Any) -> Any:
        if next(left, None) is None:
            msg = "disk gone"
            raise OSError(msg)
        return function(*args, **kwargs)

    return sometimes


@pytest.mark.parametrize("jobs", [0, 3])
def test_a_run_stopped_in_every_stage_ends_with_the_same_bytes(
    wide: Path, clean: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    out = tmp_path / "out"
    for place in ("tasks.ingest.decode", "tasks.export.write_records"):
        module, _, name = place.rpartition(".")
        original = getattr(__import__(module, fromlist=[name]), name)
        monkeypatch.setattr(place, failing_after(jobs, original))
    with pytest.raises(JobsFailedError, match=r"ingest: .* disk gone"):
        run(wide, out, memory=TIGHT)
    assert attributes_of(out / "volume.zarr")["complete"] is False
    monkeypatch.undo()
    with pytest.raises(JobsFailedError, match=r"infer: .* no memory"):
        run(wide, out, network=Failing(stride=8, halo=8, after=jobs), memory=TIGHT)
    assert attributes_of(out / "faults.zarr")["complete"] is False
    monkeypatch.setattr("tasks.export.write_records", failing_after(jobs, original))
    with pytest.raises(JobsFailedError, match=r"export: .* disk gone"):
        run(wide, out, memory=TIGHT)
    assert not (out / "faults.sgy").exists()
    monkeypatch.undo()
    run(wide, out, memory=TIGHT)
    assert contents(out) == contents(clean)


def test_a_run_killed_before_its_ledger_was_removed_leaves_none_when_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, out = write_segy(tmp_path / "made.sgy", PLAIN()), tmp_path / "out"
    monkeypatch.setattr("storage.ledger.Ledger.close_complete", lambda _: None)
    run(path, out)
    assert len(list(out.glob("*.ledger"))) == 3
    before = (out / "faults.sgy").read_bytes()
    monkeypatch.undo()
    run(path, out)
    assert list(out.glob("*.ledger")) == []
    assert (out / "faults.sgy").read_bytes() == before


def test_what_is_complete_is_not_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, out = write_segy(tmp_path / "made.sgy", PLAIN()), tmp_path / "out"
    run(path, out)
    before = contents(out)
    for stage in ("ingest", "infer", "export"):
        monkeypatch.setattr(f"tasks.{stage}.run_jobs", failing_after(0, print))
    run(path, out)
    assert contents(out) == before


@pytest.mark.slow
def test_two_processes_give_the_bytes_of_threads(
    wide: Path, clean: Path, tmp_path: Path, client: Client
) -> None:
    run(wide, tmp_path / "out", memory=TIGHT, client=client)
    assert contents(tmp_path / "out") == contents(clean)


@pytest.mark.parametrize("name", BROKEN)
def test_nothing_is_written_for_a_broken_file(tmp_path: Path, name: str) -> None:
    make, says = BROKEN[name]
    path = make(tmp_path / "broken.sgy")
    with pytest.raises(SegyError, match=says):
        run(path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_file_that_lost_traces_since_its_scan_is_refused(tmp_path: Path) -> None:
    path = write_segy(tmp_path / "made.sgy", PLAIN())
    survey = scan_survey(path)
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(SegyError, match="the file ends within trace"):
        ingest(survey, tmp_path / "volume.zarr", identity=IDENTITY)
    assert attributes_of(tmp_path / "volume.zarr")["complete"] is False


def test_a_plan_counts_jobs_tiles_and_bytes(wide: Path, clean: Path) -> None:
    geometry = scan_survey(wide).geometry
    tight, roomy = (plan(geometry, SMALL.facts, memory) for memory in (TIGHT, 3 << 30))
    assert (tight.jobs, tight.tiles) == (6, 6)
    assert roomy.tiles == 1
    assert tight.tile_bytes <= TIGHT < roomy.tile_bytes
    assert tight.redundancy > roomy.redundancy > 1
    written = sum(len(content) for content in contents(clean).values())
    assert written < roomy.output_bytes


def test_the_busiest_slices_are_those_with_the_most_faulty_samples(clean: Path) -> None:
    faulty = probability(clean) >= 0.5
    geometry = geometry_of(clean / "faults.zarr")
    labels = (geometry.inlines, geometry.crosslines, geometry.samples.values())
    slices = busiest_slices(clean / "volume.zarr", clean / "faults.zarr")
    for axis, (found, name) in enumerate(zip(slices, ("Inline", "Crossline", "Twt"), strict=True)):
        counts = faulty.sum(axis=tuple(i for i in range(3) if i != axis))
        assert found.title.split()[:2] == [name, f"{labels[axis][counts.argmax()]:g}"]
        expected = np.take(probability(clean), counts.argmax(), axis).T
        np.testing.assert_array_equal(found.probability, expected)
        np.testing.assert_array_equal(np.isnan(found.amplitude), np.isnan(expected))
    facts = facts_of(geometry, clean / "faults.zarr")
    assert facts["traces"] == int(geometry.live_mask.sum())
    assert str(facts["faulty samples"]).startswith(f"{faulty.sum()} (")
