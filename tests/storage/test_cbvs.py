"""CBVS volumes: whatever is written comes back, whatever OpendTect may have written is read."""

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from storage.cbvs.header import UNDEFINED, Component
from storage.cbvs.reader import Cbvs, open_cbvs, read_traces
from storage.cbvs.writer import writing
from storage.errors import CbvsError, OutputError, RegionError
from storage.geometry import SampleAxis, SurveyGeometry, grid_geometry
from tests.cbvs_parts import make_cbvs, read_plain
from tests.strategies import live_masks

ALL = slice(None)
AFFINE = (600_000.5, 3.25, 24.8, 5_900_000.25, -24.8, 3.25)
KINDS = ["f4", "f8", "i1", "u1", "i2", "u2", "i4"]


def geometry_of(
    live: NDArray[np.bool_], *, step: tuple[int, int] = (1, 1), count: int = 5, **axis: Any
) -> SurveyGeometry:
    rows, columns = live.shape
    inlines = np.arange(100, 100 + rows * step[0], step[0], dtype=np.int32)
    crosslines = np.arange(-7, -7 + columns * step[1], step[1], dtype=np.int32)
    form: dict[str, Any] = {"domain": "time", "start": 500.0, "interval": 4.0} | axis
    return grid_geometry(inlines, crosslines, SampleAxis(count=count, **form), AFFINE, live)


def noise(kind: str, shape: tuple[int, ...], live: NDArray[np.bool_], seed: int) -> NDArray[Any]:
    """Any bits that are numbers; nothing where there is no trace."""
    rng, dtype = np.random.default_rng(seed), np.dtype(kind)
    raw = rng.integers(0, 256, (*shape, dtype.itemsize), np.uint8).view(dtype)[..., 0]
    if dtype.kind == "f":
        raw[~np.isfinite(raw)] = np.nan
    return np.where(live[..., None], raw, np.nan if dtype.kind == "f" else 0).astype(dtype)


def same_bits(a: NDArray[Any], b: NDArray[Any]) -> bool:
    """NaN counts as NaN, all else bit for bit: -0.0 is not 0.0."""
    if a.dtype.kind == "f":
        gone = np.isnan(a)
        if not np.array_equal(gone, np.isnan(b)):
            return False
        a, b = np.where(gone, 0, a), np.where(gone, 0, b)
    return a.dtype == b.dtype and a.tobytes() == b.tobytes()


def everything(cbvs: Cbvs, component: int = 0) -> NDArray[Any]:
    return read_traces(cbvs, component, ALL, ALL, ALL)


@given(
    live_masks(12).filter(lambda mask: bool(mask.any())),
    st.lists(st.sampled_from(KINDS), min_size=1, max_size=3),
    st.tuples(st.integers(1, 3), st.integers(1, 3)),
    st.integers(1, 9),
    st.integers(1, 12),
)
def test_what_is_written_comes_back_bit_for_bit(
    tmp_path_factory: pytest.TempPathFactory,
    live: NDArray[np.bool_],
    kinds: list[str],
    step: tuple[int, int],
    count: int,
    at_once: int,
) -> None:
    path = tmp_path_factory.mktemp("cbvs") / "volume.cbvs"
    geometry = geometry_of(live, step=step, count=count)
    made = [noise(kind, geometry.shape, live, seed) for seed, kind in enumerate(kinds)]
    components = [Component(f"é{n}", each.dtype) for n, each in enumerate(made)]
    with writing(path, geometry, components) as add:
        for start in range(0, len(live), at_once):
            part = slice(start, min(start + at_once, len(live)))
            add(part, [each[part] for each in made])
    assert [each.name for each in path.parent.iterdir()] == [path.name]

    back = open_cbvs(path)
    assert back.components == tuple(components)
    np.testing.assert_array_equal(back.geometry.inlines, geometry.inlines)
    np.testing.assert_array_equal(back.geometry.crosslines, geometry.crosslines)
    np.testing.assert_array_equal(back.geometry.live_mask, live)
    np.testing.assert_array_equal(back.geometry.cdp_x, geometry.cdp_x)
    assert back.samples == geometry.samples
    assert back.affine == AFFINE
    for number, samples in enumerate(made):
        assert same_bits(everything(back, number), samples)
        region = (slice(len(live) // 2, None), slice(0, 3), slice(count // 2, None))
        assert same_bits(read_traces(back, number, *region), samples[region])

    plain = read_plain(path)
    assert plain.names == [each.name for each in components]
    assert plain.is_full == live.all()
    assert plain.start == 0.5
    assert plain.step == float(np.float32(0.004))
    assert plain.transform == AFFINE
    assert list(plain.traces) == [
        (geometry.inlines[row], geometry.crosslines[column])
        for row, column in zip(*np.nonzero(live), strict=True)
    ]
    for (inline, crossline), traces in plain.traces.items():
        row, column = (inline - 100) // step[0], (crossline + 7) // step[1]
        for samples, trace in zip(made, traces, strict=True):
            nowhere = trace == UNDEFINED if trace.dtype.kind == "f" else np.zeros(count, bool)
            trace[nowhere] = np.nan if trace.dtype.kind == "f" else 0
            assert same_bits(samples[row, column], trace)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("bits", "policy"), [(61, 2), (63, 2), (63, 0), (63, 1), (0, 2), (5, 2), (2, 0)]
)
def test_opendtects_own_files_are_read(
    tmp_path: Path, order: str, kind: str, bits: int, policy: int
) -> None:
    rng = np.random.default_rng(bits)
    traces = {
        position: [rng.integers(0, 100, 6).astype(kind), rng.integers(0, 9, 6).astype("f4")]
        for position in product(range(3, 6), range(20, 28, 2))
    }
    for full in (((3, 20), (5, 26)), None):
        form: dict[str, Any] = {"order": order, "bits": bits, "policy": policy, "full": full}
        path = make_cbvs(tmp_path / "a.cbvs", traces, names=("A", "B"), steps=(1, 2), **form)
        cbvs = open_cbvs(path)
        assert cbvs.shape == (3, 4, 6)
        for component in (0, 1):
            expected = np.stack([each[component] for each in traces.values()]).reshape(3, 4, 6)
            assert same_bits(everything(cbvs, component), expected)


@pytest.mark.parametrize(("rows", "columns"), [(-1, 1), (1, -1), (-1, -1)])
@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("falling_corners", [True, False])
def test_lines_in_falling_order_are_put_right(
    tmp_path: Path, rows: int, columns: int, full: bool, falling_corners: bool
) -> None:
    inlines, crosslines = list(range(10, 14))[::rows], list(range(5, 20, 3))[::columns]
    traces = {
        (row, column): [np.full(4, 100 * row + column, "f4")]
        for row, column in product(inlines, crosslines)
    }
    corners = ((inlines[0], crosslines[0]), (inlines[-1], crosslines[-1]))
    if not falling_corners:  # the sign of the step alone says so
        corners = ((10, 5), (13, 17))
    path = make_cbvs(
        tmp_path / "a.cbvs", traces, steps=(rows, 3 * columns), full=corners if full else None
    )
    cbvs = open_cbvs(path)
    assert cbvs.inlines.tolist() == [10, 11, 12, 13]
    assert cbvs.crosslines.tolist() == [5, 8, 11, 14, 17]
    expected = 100 * cbvs.inlines[:, None] + cbvs.crosslines
    np.testing.assert_array_equal(everything(cbvs)[..., 2], expected)
    np.testing.assert_array_equal(
        read_traces(cbvs, 0, slice(1, 3), slice(2, 5), slice(0, 1))[..., 0], expected[1:3, 2:5]
    )


@given(
    live_masks(9).filter(lambda mask: int(mask.any(axis=1).sum()) > 1),
    st.integers(2, 12),
    st.sampled_from("<>"),
    st.sampled_from(["f4", "u1"]),
    st.data(),
)
def test_a_split_volume_is_the_whole_one(
    tmp_path_factory: pytest.TempPathFactory,
    live: NDArray[np.bool_],
    count: int,
    order: str,
    kind: str,
    data: st.DataObject,
) -> None:
    folder = tmp_path_factory.mktemp("split")
    samples = noise(kind, (*live.shape, count), live, 3)
    if kind == "f4":
        samples = np.where(np.isnan(samples) & live[..., None], 1.0, samples).astype(kind)
    traces = {
        (int(row) + 1, 2 * int(column)): samples[row, column]
        for row, column in zip(*np.nonzero(live), strict=True)
    }
    form: dict[str, Any] = {"order": order, "steps": (1, 2)}
    whole = make_cbvs(
        folder / "whole.cbvs", {p: [t] for p, t in traces.items()}, z=(0.5, 0.002), **form
    )
    # Blocks of inlines, one Z range.
    rows = sorted({row for row, _ in traces})
    cuts = sorted(data.draw(st.sets(st.sampled_from(rows[1:]), min_size=1)))
    for number, (low, high) in enumerate(zip([0, *cuts], [*cuts, 99], strict=True)):
        part = {p: [t] for p, t in traces.items() if low <= p[0] < high}
        make_cbvs(folder / name_of("blocks", number), part, z=(0.5, 0.002), **form)
    # Slabs of Z: one sample in the first.
    cuts = [1, *sorted(data.draw(st.sets(st.integers(2, count), max_size=3)) - {count})]
    for number, (low, high) in enumerate(zip([0, *cuts], [*cuts, count], strict=True)):
        slab = {p: [t[low:high]] for p, t in traces.items()}
        make_cbvs(folder / name_of("slabs", number), slab, z=(0.5 + 0.002 * low, 0.002), **form)

    one, blocks, slabs = (
        open_cbvs(folder / f"{name}.cbvs") for name in ("whole", "blocks", "slabs")
    )
    assert one.path == whole
    for split in (blocks, slabs):
        assert len(split.parts) > 1
        assert split.shape == one.shape
        assert split.samples == one.samples
        np.testing.assert_array_equal(split.geometry.live_mask, one.geometry.live_mask)
        assert same_bits(everything(split), everything(one))
        middle = (slice(0, 2), ALL, slice(count // 2, count))
        assert same_bits(read_traces(split, 0, *middle), read_traces(one, 0, *middle))


def name_of(stem: str, number: int) -> str:
    return f"{stem}^{number:02d}.cbvs" if number else f"{stem}.cbvs"


@pytest.mark.parametrize("unit", ["m", "ft"])
def test_depth_is_not_turned_into_milliseconds(tmp_path: Path, unit: Any) -> None:
    geometry = geometry_of(
        np.ones((2, 3), bool), domain="depth", start=-12.5, interval=12.5, length_unit=unit
    )
    path = tmp_path / "depth.cbvs"
    with writing(path, geometry, [Component("A", np.dtype("f4"))]) as add:
        add(ALL, np.zeros((1, *geometry.shape), np.float32))
    assert (read_plain(path).start, read_plain(path).step) == (-12.5, 12.5)
    assert open_cbvs(path, domain="depth", length_unit=unit).samples == geometry.samples
    assert open_cbvs(path).samples.interval == 12_500


def test_what_is_no_number_is_opendtects_undefined(tmp_path: Path) -> None:
    geometry = geometry_of(np.ones((1, 2), bool), count=3)
    samples = np.array([[[np.nan, np.inf, 1.0], [2.0, -np.inf, 300.7]]], np.float32)
    components = [Component(kind, np.dtype(kind)) for kind in ("f4", "u1", "f8")]
    with writing(tmp_path / "a.cbvs", geometry, components) as add:
        add(slice(0, 1), np.stack([samples] * 3))
    first, second = read_plain(tmp_path / "a.cbvs").traces.values()
    np.testing.assert_array_equal(first[0], np.array([1e30, 1e30, 1], np.float32))
    np.testing.assert_array_equal(second[0], np.array([2, 1e30, 300.7], np.float32))
    np.testing.assert_array_equal(first[1], [0, 255, 1])
    np.testing.assert_array_equal(second[1], [2, 0, 255])  # cut to what the type holds
    back = open_cbvs(tmp_path / "a.cbvs")
    assert np.isnan(everything(back, 2)).sum() == 3


def test_a_border_without_traces_stays_and_a_wild_rectangle_goes(tmp_path: Path) -> None:
    traces = {(row, column): [np.ones(2, "f4")] for row in (3, 4) for column in (8, 12)}
    path = make_cbvs(tmp_path / "a.cbvs", traces, steps=(1, 2))
    assert open_cbvs(path).crosslines.tolist() == [8, 10, 12]  # the step that the header has
    data = bytearray(path.read_bytes())
    at = data.index(np.array([3, 8, 4, 12, 1, 2], "<i4").tobytes())
    for corners, inlines, crosslines in (
        ((1, 8, 4, 14, 1, 2), [1, 2, 3, 4], [8, 10, 12, 14]),
        ((0, 0, 0, 0, 0, 0), [3, 4], [8, 12]),
        ((-(2**31), 0, 2**31 - 1, 99, 1, 1), [3, 4], [8, 12]),
        ((3, 7, 4, 13, 1, 2), [3, 4], [8, 12]),
    ):
        data[at : at + 24] = np.array(corners, "<i4").tobytes()
        path.write_bytes(data)
        cbvs = open_cbvs(path)
        assert (cbvs.inlines.tolist(), cbvs.crosslines.tolist()) == (inlines, crosslines)
        assert everything(cbvs)[-1, crosslines.index(8), 0] == 1


@pytest.fixture
def small(tmp_path: Path) -> Path:
    traces = {
        position: [np.arange(4, dtype="f4"), np.arange(4, dtype="i2")]
        for position in product(range(2), range(3))
    }
    return make_cbvs(tmp_path / "small.cbvs", traces, names=("A", "B"))


def test_a_file_cut_anywhere_is_one_clear_line(small: Path) -> None:
    whole = small.read_bytes()
    for length in range(0, len(whole), 3):
        small.write_bytes(whole[:length])
        with pytest.raises(CbvsError, match=r"small\.cbvs: .*\. "):
            open_cbvs(small)


@given(st.data())
def test_damage_is_one_clear_line_or_harmless(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("damage") / "a.cbvs"
    traces = {position: [np.arange(4, dtype="f4")] for position in product(range(2), range(3))}
    full = ((0, 0), (1, 2)) if data.draw(st.booleans()) else None
    damaged = bytearray(make_cbvs(path, traces, full=full).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(damaged) - 4))
        damaged[at : at + 4] = data.draw(st.binary(min_size=4, max_size=4))
    path.write_bytes(damaged)
    try:
        cbvs = open_cbvs(path)
    except CbvsError:
        return
    region = slice(0, min(2, cbvs.shape[0])), slice(0, 4), slice(0, 4)
    assert read_traces(cbvs, 0, *region).ndim == 3


@pytest.mark.parametrize(
    ("at", "byte", "words"),
    [(0, b"x", "no CBVS file"), (3, b"\5", "no CBVS file"), (4, b"\3", "version 3")],
)
def test_what_cannot_be_read_is_said(small: Path, at: int, byte: bytes, words: str) -> None:
    data = bytearray(small.read_bytes())
    data[at : at + 1] = byte
    small.write_bytes(data)
    with pytest.raises(CbvsError, match=words):
        open_cbvs(small)


def test_parts_that_do_not_fit_are_said(small: Path) -> None:
    traces = {position: [np.zeros(4, "f4")] for position in product(range(2), range(3))}
    small.with_name("small^02.cbvs").write_bytes(b"")
    with pytest.raises(CbvsError, match=r"small\^01\.cbvs is missing"):
        open_cbvs(small)
    small.with_name("small^02.cbvs").unlink()
    first = small.with_name("small^01.cbvs")
    make_cbvs(first, traces)
    with pytest.raises(CbvsError, match="components"):
        open_cbvs(small)
    with pytest.raises(CbvsError, match=r"Name small\.cbvs"):
        open_cbvs(first)
    make_cbvs(small, traces)
    with pytest.raises(CbvsError, match=r"inline 0 is in small\.cbvs too"):
        open_cbvs(small)
    make_cbvs(first, traces, z=(0.02, 0.004))
    with pytest.raises(CbvsError, match=r"begins at Z 0\.02, and 0\.016"):
        open_cbvs(small)
    with pytest.raises(CbvsError, match="no such file"):
        open_cbvs(small.with_name("other.cbvs"))
    with (
        pytest.raises(OutputError, match="would pass for a part"),
        writing(small, geometry_of(np.ones((1, 1), bool)), [Component("A", np.dtype("f4"))]),
    ):
        pass


def test_nothing_is_left_of_a_volume_that_is_not_whole(tmp_path: Path) -> None:
    path, geometry = tmp_path / "a.cbvs", geometry_of(np.ones((4, 2), bool))
    path.write_bytes(b"older")
    one = [Component("A", np.dtype("f4"))]
    samples = np.zeros((1, 2, 2, 5), np.float32)
    with pytest.raises(RegionError, match="not all inlines"), writing(path, geometry, one) as add:
        add(slice(0, 2), samples)
    with pytest.raises(RegionError, match="does not follow"), writing(path, geometry, one) as add:
        add(slice(2, 4), samples)
    with (
        pytest.raises(OutputError, match="no samples of type uint64"),
        writing(path, geometry, [Component("A", np.dtype("u8"))]),
    ):
        pass
    with (
        pytest.raises(OutputError, match="no trace"),
        writing(path, geometry_of(np.zeros((2, 2), bool)), one),
    ):
        pass
    assert [each.name for each in tmp_path.iterdir()] == ["a.cbvs"]
    assert path.read_bytes() == b"older"
