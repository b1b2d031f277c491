"""SEG-Y into a volume and back: the same bytes, or one line that says why not; never other bytes."""

import shutil
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from flows.__main__ import COMPLETE, DEFECT, WRONG_INPUT, run
from tests.segy_parts import CUBE, Variant
from tests.segy_torture import IDENTICAL, VARIANTS
from tests.surveys import Form

NAMES_REFUSED = [name for name, variant in VARIANTS.items() if variant.refused]


def ingest(source: Path, volume: Path, *options: str) -> int:
    return run(["ingest", str(source), str(volume), *options])


def export(volume: Path, out: Path, *options: str) -> int:
    return run(["export", str(volume), str(out), *options])


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("name", IDENTICAL)
def test_a_survey_comes_back_byte_for_byte(tmp_path: Path, name: str) -> None:
    variant = VARIANTS[name]
    source, volume, out = (tmp_path / part for part in ("in.sgy", "volume.zarr", "out.sgy"))
    before = variant.write(source).read_bytes()
    assert ingest(source, volume, *variant.options) == COMPLETE
    assert sorted(tmp_path.iterdir()) == [source, volume]
    check_volume(volume, variant)
    # Nothing of the survey is needed any more.
    source.unlink()
    assert export(volume, out, "--verify") == COMPLETE
    assert sorted(tmp_path.iterdir()) == [out, volume]
    same(out.read_bytes(), before)


def check_volume(path: Path, variant: Variant) -> None:
    volume = xr.open_zarr(path, chunks=None)
    if variant.shape:
        assert volume.amplitude.shape == variant.shape
    live = variant.live or int(np.prod((variant.shape or (0, 0))[:2]))
    assert int(volume.live_mask.sum()) == live


def same(after: bytes, before: bytes) -> None:
    """Compare without drawing two long strings."""
    assert len(after) == len(before)
    changed = np.flatnonzero(np.frombuffer(after, "u1") != np.frombuffer(before, "u1"))
    assert changed.tolist() == []


@pytest.mark.parametrize("name", NAMES_REFUSED)
def test_what_cannot_come_back_is_refused_in_one_line_and_leaves_nothing(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    variant = VARIANTS[name]
    source = variant.write(tmp_path / "in.sgy")
    before = contents(tmp_path)
    assert ingest(source, tmp_path / "volume.zarr", *variant.options) == WRONG_INPUT
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    assert line.startswith(f"graben: {source}: ")
    assert variant.refused in line
    assert sorted(tmp_path.iterdir()) == [source]
    assert contents(tmp_path) == before


def test_lines_that_only_coordinates_tell_become_a_grid(tmp_path: Path) -> None:
    source = VARIANTS["no-line-numbers"].write(tmp_path / "in.sgy")
    assert ingest(source, tmp_path / "volume.zarr") == COMPLETE
    volume = xr.open_zarr(tmp_path / "volume.zarr", chunks=None)
    # Which of the two is the inline, coordinates alone do not say.
    assert sorted(volume.live_mask.shape) == [20, 24]
    spacing = np.hypot(*(volume[name].diff("inline").values for name in ("cdp_x", "cdp_y")))
    assert min(abs(np.median(spacing) - bin_m) for bin_m in (25.0, 12.5)) < 0.1


def test_a_wide_interval_is_the_interval(tmp_path: Path) -> None:
    source = VARIANTS["wide-interval"].write(tmp_path / "in.sgy")
    assert ingest(source, tmp_path / "volume.zarr") == COMPLETE
    volume = xr.open_zarr(tmp_path / "volume.zarr", chunks=None)
    assert np.diff(volume.twt.values) == pytest.approx(1.9995)


def test_the_first_or_the_last_of_doubled_traces_is_in_the_volume(tmp_path: Path) -> None:
    variant = VARIANTS["duplicates-last"]
    source = variant.write(tmp_path / "in.sgy")
    samples = np.frombuffer(source.read_bytes()[3600:], ">f4").reshape(490, 100)[:, 60:]
    for which, trace in (("first", 90), ("last", 100)):
        volume = tmp_path / f"{which}.zarr"
        assert ingest(source, volume, "--duplicates", which) == COMPLETE
        bins = xr.open_zarr(volume, chunks=None).amplitude.values.reshape(480, 40)
        np.testing.assert_array_equal(bins[90], samples[trace])
        np.testing.assert_array_equal(bins[89], samples[89])
        np.testing.assert_array_equal(bins[479], samples[489])


@pytest.mark.parametrize(
    "name", ["random-ibm", "shuffled-duplicates-holes", "odd-doubles", "int16"]
)
def test_a_smaller_store_holds_the_same_survey(tmp_path: Path, name: str) -> None:
    variant = VARIANTS[name]
    source = variant.write(tmp_path / "in.sgy")
    volume, out = tmp_path / "volume.zarr", tmp_path / "out.sgy"
    assert ingest(source, volume, *variant.options, "--codec", "small") == COMPLETE
    assert export(volume, out, "--verify") == COMPLETE
    same(out.read_bytes(), source.read_bytes())


def test_a_store_that_lost_precision_does_not_pass_for_the_survey(tmp_path: Path) -> None:
    source = VARIANTS["ieee"].write(tmp_path / "in.sgy")
    volume, out = tmp_path / "volume.zarr", tmp_path / "out.sgy"
    assert ingest(source, volume, "--codec", "lossy") == COMPLETE
    assert export(volume, out, "--verify") not in {COMPLETE, DEFECT}
    assert not out.exists()


def test_many_files_become_one_volume_and_many_files_again(tmp_path: Path) -> None:
    traces, parts = CUBE(), []
    order = np.random.default_rng(6).permutation(len(traces))
    for number, chosen in enumerate(np.array_split(order, 3)):
        form = Form(code=1, texts=number, revision=0x0100 + number)
        variant = Variant(traces=partial(traces.take, chosen), form=form)
        parts.append(variant.write(tmp_path / f"part-{2 - number}.sgy"))
    volume, out = tmp_path / "volume.zarr", tmp_path / "out"
    assert run(["ingest", *map(str, parts), str(volume)]) == COMPLETE
    assert xr.open_zarr(volume, chunks=None).live_mask.values.sum() == 480
    assert export(volume, out, "--verify") == COMPLETE
    assert {path.name for path in out.iterdir()} == {path.name for path in parts}
    for path in parts:
        same((out / path.name).read_bytes(), path.read_bytes())


def test_files_that_are_no_parts_of_one_survey_are_refused_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = VARIANTS["clean"].write(tmp_path / "one.sgy")
    other = VARIANTS["one-sample"].write(tmp_path / "other.sgy")
    assert run(["ingest", str(one), str(other), str(tmp_path / "volume.zarr")]) == WRONG_INPUT
    line = capsys.readouterr().err
    assert line.startswith("graben: ")
    assert line.count("\n") == 1
    assert str(other) in line
    assert sorted(tmp_path.iterdir()) == [one, other]


def test_files_of_one_name_in_two_folders_are_refused_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    traces, parts = CUBE(), []
    for name, chosen in (("east", slice(240)), ("west", slice(240, None))):
        (tmp_path / name).mkdir()
        variant = Variant(traces=partial(traces.take, chosen))
        parts.append(variant.write(tmp_path / name / "line.sgy"))
    volume = tmp_path / "volume.zarr"
    assert run(["ingest", *map(str, parts), str(volume)]) == WRONG_INPUT
    assert str(parts[1]) in capsys.readouterr().err
    assert not volume.exists()


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A survey with something in every part of a store: patches, duplicates, holes, a trailer."""
    folder = tmp_path_factory.mktemp("stored")
    variant = VARIANTS["shuffled-duplicates-holes"]
    source = Variant(
        change=VARIANTS["ibm-odd"].change, traces=variant.traces, form=Form(code=1, texts=1)
    ).write(folder / "in.sgy")
    source.write_bytes(source.read_bytes()[:-50])
    assert ingest(source, folder / "volume.zarr", "--salvage") == COMPLETE
    return folder


@pytest.mark.parametrize("place", [0.02, 0.6])
def test_no_flipped_byte_of_a_store_gives_other_bytes_in_silence(
    stored: Path, tmp_path: Path, place: float, capsys: pytest.CaptureFixture[str]
) -> None:
    volume, out = tmp_path / "volume.zarr", tmp_path / "out.sgy"
    shutil.copytree(stored / "volume.zarr", volume)
    before = (stored / "in.sgy").read_bytes()
    silent = []
    for path, content in contents(volume).items():
        at = int(place * len(content))
        path.write_bytes(content[:at] + bytes([content[at] ^ 0x10]) + content[at + 1 :])
        code = export(volume, out, "--verify", "--overwrite")
        line = capsys.readouterr().err
        path.write_bytes(content)
        if code == COMPLETE:
            # The byte has no part in the survey, as one of a coordinate.
            if out.read_bytes() != before:
                silent.append(f"{path.relative_to(volume)}: other bytes")
        elif code == DEFECT or line.count("\n") != 1 or not line.startswith("graben: "):
            silent.append(f"{path.relative_to(volume)}: {code} {line}")
        elif out.exists():
            silent.append(f"{path.relative_to(volume)}: a file was left")
        out.unlink(missing_ok=True)
    assert silent == []


@pytest.mark.parametrize("array", ["amplitude", "segy/trace_header", "segy/file_header"])
def test_a_flipped_byte_of_samples_or_headers_is_found(
    stored: Path, tmp_path: Path, array: str, capsys: pytest.CaptureFixture[str]
) -> None:
    volume, out = tmp_path / "volume.zarr", tmp_path / "out.sgy"
    shutil.copytree(stored / "volume.zarr", volume)
    shard = max(contents(volume / array / "c"), key=lambda path: path.stat().st_size)
    content = bytearray(shard.read_bytes())
    content[len(content) // 3] ^= 1
    shard.write_bytes(content)
    assert export(volume, out, "--verify") not in {COMPLETE, DEFECT}
    line = capsys.readouterr().err
    assert line.startswith(f"graben: {volume}")
    assert line.count("\n") == 1
    assert not out.exists()


def test_a_store_with_a_lost_shard_does_not_give_an_empty_survey(
    stored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    volume, out = tmp_path / "volume.zarr", tmp_path / "out.sgy"
    shutil.copytree(stored / "volume.zarr", volume)
    shutil.rmtree(volume / "amplitude" / "c")
    assert export(volume, out, "--verify") not in {COMPLETE, DEFECT}
    assert capsys.readouterr().err.startswith(f"graben: {volume}")
    assert not out.exists()
