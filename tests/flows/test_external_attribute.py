"""Faults on any section of OpendTect: its side of the pipe is played, and answers are those of a run."""

import io
import sys
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from flows.__main__ import COMPLETE, WRONG_INPUT, run
from flows.external_attribute import run as run_script
from models.normalize import scale_of
from models.statistics import add_histogram, amplitude_histogram
from storage.errors import InputError
from tasks.external_attribute import Asked, cache_in, serve
from tasks.section import predict_volume
from tests.attribute_driver import Attribute, head, parameters, request
from tests.cbvs_parts import make_cbvs
from tests.drawn_sections import layers
from tests.flows.running import graben
from tests.opendtect_surveys import project
from tests.stand_in import Neighborhood, StandIn

SHAPE = (9, 150, 64)
"""Two tiles: shards are 128 traces wide."""

INLINES, CROSSLINES = range(101, 110), range(300, 600, 2)
FIRST, STEP = 125, 0.004
HOLE = (4, 7)
NAME = "Seismic (4 ms)"


@dataclass(frozen=True)
class Networks:
    """As much of the networks as an attribute asks for."""

    network: StandIn
    runtime: str = "stand-in"
    card: Any = field(default_factory=lambda: SimpleNamespace(sha256="1" * 64))

    def view(self, *, line: bool) -> StandIn:  # noqa: ARG002
        return self.network

    def for_survey(self, shape: tuple[int, ...]) -> StandIn:  # noqa: ARG002
        return self.network


def samples() -> NDArray[np.float32]:
    section = layers((SHAPE[2], SHAPE[1]), 7, throw=6).T
    made = np.stack([np.roll(section, row, axis=1) for row in range(SHAPE[0])])
    made[HOLE] = np.nan
    return np.ascontiguousarray(made, np.float32)


@pytest.fixture(scope="module")
def survey(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("attribute") / "F3 Made"
    project(folder, {"name": NAME, "file": "seismic.cbvs"}, z="0.5`0.752`0.004`T")
    lines = (folder / ".survey").read_text()
    lines = lines.replace("101`112`1", "101`109`1").replace("300`328`2", "300`598`2")
    (folder / ".survey").write_text(lines)
    made = samples()
    traces = {
        (inline, crossline): [made[i, j]]
        for (i, inline), (j, crossline) in product(enumerate(INLINES), enumerate(CROSSLINES))
        if (i, j) != HOLE
    }
    path = folder / "Seismics" / "seismic.cbvs"
    make_cbvs(path, traces, z=(FIRST * STEP, STEP), steps=(1, 2))
    return folder


@pytest.fixture(scope="module")
def whole() -> NDArray[np.float32]:
    """Fault probability of the whole volume, seen at once, and a border of nothing around it."""
    made = samples()
    total: dict[str, int] = {}
    add_histogram(total, amplitude_histogram(made))
    found = predict_volume(
        made.__getitem__,
        SHAPE,
        Neighborhood(),
        scale_of(total),
        depth=slice(0, SHAPE[2]),
    )
    assert np.isnan(found[HOLE]).all()
    return np.pad(found, 40, constant_values=np.nan)


def answers(
    survey: Path, cache: Path, sent: bytes, **asked: Any
) -> tuple[NDArray[np.float32], list[str]]:
    said: list[str] = []
    out = io.BytesIO()
    wish: dict[str, Any] = {"name": NAME, "seen": "volume", "network": Neighborhood()} | asked
    serve(
        Asked(survey, wish["name"], wish["seen"]),
        io.BytesIO(sent),
        out,
        networks=Networks(wish["network"]),  # type: ignore[arg-type]
        cache=cache_in(cache, 1 << 30),
        threads=1,
        say=said.append,
    )
    return np.frombuffer(out.getvalue(), np.float32), said


def block(inline: int, crossline: int, first: int, count: int) -> NDArray[np.float32]:
    """Return the trace that OpendTect sends, 0 where it has nothing."""
    inside = np.pad(np.nan_to_num(samples()), 40)
    i, j, k = inline - INLINES[0] + 40, (crossline - CROSSLINES[0]) // 2 + 40, first - FIRST + 40
    return inside[i, j, k : k + count][None, None]


@given(
    asked=st.lists(
        st.tuples(
            st.integers(-1, SHAPE[0]),
            st.one_of(st.integers(-1, SHAPE[1]), st.integers(124, 132)),
            st.integers(-9, SHAPE[2] - 1),
            st.integers(1, 40),
        ),
        min_size=1,
        max_size=6,
    ),
    outputs=st.integers(1, 2),
)
def test_any_trace_in_any_order_is_that_of_the_whole_volume(
    survey: Path,
    whole: NDArray[np.float32],
    tmp_path_factory: pytest.TempPathFactory,
    asked: list[tuple[int, int, int, int]],
    outputs: int,
) -> None:
    sent, expected = head(outputs=outputs), []
    for i, j, k, count in asked:
        lines = INLINES[0] + i, CROSSLINES[0] + 2 * j
        sent += request(FIRST + k, *lines, block(*lines, FIRST + k, count))
        expected += [whole[40 + i, 40 + j, 40 + k : 40 + k + count]] * outputs
    cache = tmp_path_factory.getbasetemp() / "kept"  # what one conversation found serves the next
    found, said = answers(survey, cache, sent)
    np.testing.assert_array_equal(found, np.concatenate(expected))
    assert not any("alone" in line for line in said)


def test_an_answer_that_is_kept_is_not_predicted_again(survey: Path, tmp_path: Path) -> None:
    sent = head() + request(FIRST, 103, 320, block(103, 320, FIRST, 64))
    first, said = answers(survey, tmp_path, sent)
    again, quiet = answers(survey, tmp_path, sent)
    np.testing.assert_array_equal(first, again)
    assert sum("predicting" in line for line in said) == 1
    assert quiet == []
    # A volume that was written again is another one.
    path = survey / "Seismics" / "seismic.cbvs"
    old = path.read_bytes()
    path.write_bytes(old[:-2000] + bytes(1000) + old[-1000:])
    assert any("predicting" in line for line in answers(survey, tmp_path, sent)[1])
    path.write_bytes(old)


@pytest.mark.parametrize("seen", ["inlines", "crosslines"])
def test_lines_alone_are_seen_without_their_neighbours(
    survey: Path, tmp_path: Path, seen: str
) -> None:
    made = samples()
    line = made[2:3] if seen == "inlines" else made[:, 10:11]
    total: dict[str, int] = {}
    add_histogram(total, amplitude_histogram(made))
    whole = predict_volume(
        line.__getitem__,
        line.shape,
        Neighborhood(sections=True),
        scale_of(total),
        depth=slice(0, SHAPE[2]),
    )
    sent = head() + request(FIRST, 103, 320, block(103, 320, FIRST, 64))
    network = Neighborhood(sections=True)
    found, _ = answers(survey, tmp_path, sent, seen=seen, network=network)
    np.testing.assert_array_equal(found, whole[0, 10] if seen == "inlines" else whole[2, 0])


@pytest.mark.parametrize("stepout", [(0, 0), (0, 3), (3, 0)])
def test_a_volume_that_cannot_be_opened_leaves_the_traces_that_come(
    survey: Path, tmp_path: Path, stepout: tuple[int, int]
) -> None:
    sent = head(stepout=stepout)
    rows, columns = (2 * each + 1 for each in stepout)
    for crossline in range(320, 330, 2):
        sent += request(FIRST, 103, crossline, np.tile(samples()[2, 10], (rows, columns, 1)))
    found, said = answers(survey, tmp_path, sent, name="Not there", network=StandIn())
    assert len(said) == 1
    assert "Faults are sought in the passing traces alone" in said[0]
    found = found.reshape(5, 64)
    assert np.isfinite(found).all()
    assert np.corrcoef(found[4], np.abs(samples()[2, 10]))[0, 1] > 0.9


def test_an_input_that_is_another_volume_is_said(survey: Path, tmp_path: Path) -> None:
    other = np.random.default_rng(0).standard_normal((1, 1, 64), np.float32)
    sent = head() + request(FIRST, 103, 320, other) + request(FIRST, 103, 322, other)
    found, said = answers(survey, tmp_path, sent, network=StandIn())
    assert found.size == 128
    assert "the input is not the volume" in said[0]
    assert len(said) == 1


@pytest.mark.parametrize(
    "sent", [b"", b"x" * 20, head(), head() + bytes(7), head() + bytes([9, 0, 0, 0]) + bytes(20)]
)
def test_a_pipe_that_closes_is_the_end(survey: Path, tmp_path: Path, sent: bytes) -> None:
    assert answers(survey, tmp_path, sent)[0].size == 0


@pytest.mark.parametrize("sent", [b"\xff" * 44, bytes(44), head() + b"\xff" * 16])
def test_what_is_no_request_is_said(survey: Path, tmp_path: Path, sent: bytes) -> None:
    with pytest.raises(InputError, match="standard input"):
        answers(survey, tmp_path, sent)


def script_in(folder: Path) -> Path:
    script = folder / "faults.py"
    command = [
        "opendtect",
        "external-attribute-script",
        str(script),
        "--cache",
        str(folder / "kept"),
    ]
    assert run(command) == COMPLETE
    return script


def test_parameters_are_one_line_in_a_stripped_environment(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = script_in(tmp_path)
    said = capsys.readouterr().out
    assert str(script) in said
    told = parameters(script)
    assert told["Output"] == ["Fault probability"]
    assert told["StepOut"]["Value"] == [0, 0]
    assert len(told["Inputs"]) == 1
    # Any interpreter will do: the script knows its own.
    assert parameters(script, "/usr/bin/python3") == told
    assert run(["opendtect", "external-attribute-script", str(script)]) == WRONG_INPUT
    assert "it is there already" in capsys.readouterr().err
    assert run_script(["-x"], str(tmp_path)) == 2
    assert capsys.readouterr().out == ""


@pytest.mark.slow
@pytest.mark.timeout(280)
def test_two_scripts_of_opendtect_show_what_a_run_finds(
    survey: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script, out = script_in(tmp_path), tmp_path / "run"
    code, _, err = graben(
        "map-faults", survey / NAME, "--out", out, "--workers", 1, home=tmp_path / "home"
    )
    assert code == 0, err
    faults = xr.open_zarr(out / "faults.zarr", chunks=None).fault_probability.values
    scripts = [Attribute(script, survey, NAME, tmp_path / f"{n}.txt") for n in range(2)]
    most = 0.0
    try:
        for each in scripts:
            each.say(head())
        # Across the border of tiles, at crossline 556, and not in order.
        for inline, crossline in ((101, 300), (105, 554), (105, 556), (109, 598), (103, 302)):
            for each in scripts:  # both wait for one prediction
                each.say(request(FIRST, inline, crossline, block(inline, crossline, FIRST, 64)))
            trace = faults[inline - 101, (crossline - 300) // 2]
            for each in scripts:
                most = max(most, float(np.abs(each.answer(64) - trace).max()))
        assert all(each.silent() for each in scripts)
    finally:
        for each in scripts:
            each.kill()
    logs = [(tmp_path / f"{n}.txt").read_text() for n in range(2)]
    assert sum(log.count("predicting") for log in logs) == 2, logs  # a tile is predicted once
    assert faults[np.isfinite(faults)].max() > 0.05
    with capsys.disabled():
        sys.stdout.write(f"\nanswers are at most {most:.1e} from those of the run ")
    assert most <= 1e-3
