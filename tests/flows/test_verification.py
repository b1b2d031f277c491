"""Plans held against OPM Flow from the command line, and what kills leave of it."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

import numpy as np
import psutil
import pytest

from flows.__main__ import COMPLETE, IN_PART, WRONG_INPUT, run
from tests.benchmarks.wells import noisy_map
from tests.flows.running import start, wait_until
from tests.flows.test_place_wells import oil, summary, table
from tests.simulator import install

__all__ = ["oil"]

FEW = ["--wells", "4", "--radius", "300", "--periods", "3", "--growth", "5", "--starts", "2"]
FEW += ["--time", "1", "--verify", "flow", "--contrast", "2"]

needs_flow = pytest.mark.skipif(
    shutil.which("flow") is None, reason="OPM Flow (libopm-simulators-bin) is not on this machine"
)


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    return tmp_path / "bin"


def test_without_the_simulator_nothing_is_written(
    oil: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run(["place-wells", str(oil), "--out", str(tmp_path / "out"), *FEW]) == WRONG_INPUT
    said = capsys.readouterr().err
    assert "apt-get install libopm-simulators-bin" in said
    assert said.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("option", [["--top", "3"], ["--verify-years", "2"], ["--contrast", "0"]])
def test_options_of_simulations_need_one(
    oil: Path, tmp_path: Path, option: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "out")
    assert run(["place-wells", str(oil), "--out", out, *option]) == WRONG_INPUT
    assert "give --verify flow too" in capsys.readouterr().err


@pytest.mark.slow
def test_a_failure_leaves_the_plan_and_resume_does_the_rest(
    oil: Path, tmp_path: Path, bin_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --time the second search may find other plans; the same decks are not run again."""
    install(bin_folder, "fails")
    command = ["place-wells", str(oil), "--out", str(tmp_path / "out"), *FEW]
    assert run(command) == IN_PART
    assert "--resume does the rest" in capsys.readouterr().err
    assert len(table(tmp_path / "out")) == 4
    assert summary(tmp_path / "out")["complete"] is False
    log = install(bin_folder)
    assert run([*command, "--resume"]) == COMPLETE
    decks = {plan["deck"] for plan in summary(tmp_path / "out")["verification"]["plans"]}
    assert sorted(log.read_text().split()) == sorted(Path(deck).stem for deck in decks)
    page = (tmp_path / "out" / "report.html").read_text()
    assert "Plans simulated over 3 years" in page
    assert "What a simulator says" in page
    assert run([*command, "--resume"]) == COMPLETE
    assert "nothing to do" in capsys.readouterr().out
    # Another run in the same place takes the simulations with it.
    plain = [*command[:4], *FEW[: FEW.index("--verify")], "--overwrite"]
    assert run(plain) == COMPLETE
    assert not (tmp_path / "out" / "simulations").exists()


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="util-linux is not on this machine")
def test_a_simulation_ends_with_a_killed_run(oil: Path, tmp_path: Path, bin_folder: Path) -> None:
    log = install(bin_folder, "hangs")
    running = start("place-wells", oil, "--out", tmp_path / "out", *FEW, home=tmp_path)
    wait_until(lambda: bool(log.read_text()), running, within=100)
    simulations = psutil.Process(running.process.pid).children(recursive=True)
    assert simulations
    running.process.kill()
    running.process.wait()
    ended, alive = psutil.wait_procs(simulations, timeout=10)
    for process in alive:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    assert not alive
    assert ended


@pytest.mark.slow
@needs_flow
def test_flow_puts_plans_in_nearly_the_order_of_their_values(tmp_path: Path) -> None:
    """The case of 40 x 40 cells; oil that is made is oil that is no longer in place."""
    resfo = pytest.importorskip("resfo")
    values = noisy_map(40, 0, 4.0)
    path, out = tmp_path / "oil.txt", tmp_path / "out"
    path.write_text("OIL\n40 40\n100 100\n" + " ".join(f"{value:.5f}" for value in values.flat))
    command = ["place-wells", str(path), "--out", str(out), "--verify", "flow", "--top", "2"]
    command += ["--wells", "6", "--radius", "700", "--growth", "1.45", "--time", "1"]
    assert run([*command, "--contrast", "5"]) == COMPLETE
    found = summary(out)["verification"]
    assert found["spearman"] >= 0.5
    assert len(found["plans"]) >= 6
    made = [plan["oil_m3"] for plan in found["plans"]]
    assert min(made[: len(made) - 5]) > max(made[-5:])
    for plan in found["plans"]:
        stem = Path(plan["deck"]).stem
        case = out / "simulations" / stem / f"{stem}.UNSMRY"
        heads = dict(resfo.read(case.with_suffix(".SMSPEC")))
        names = [str(np.asarray(word).astype(str)).strip() for word in heads["KEYWORDS"]]
        steps = np.array([a for name, a in resfo.read(case) if name.strip() == "PARAMS"])
        total, left = steps[:, names.index("FOPT")], steps[:, names.index("FOIP")]
        assert plan["oil_m3"] == pytest.approx(total[-1], rel=1e-6)
        # Single precision of some ten million.
        np.testing.assert_allclose(left[0] - left, total - total[0], atol=1e-6 * left[0])
