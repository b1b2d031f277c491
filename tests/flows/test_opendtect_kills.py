"""Ways into a survey that ended too early: what is there is whole, and the same command brings the rest."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from storage.opendtect.adding import add_all
from tasks import project
from tests import opendtect_files as dtect
from tests.flows.running import ROOT
from tests.opendtect_runs import complete_run, existing, put


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return complete_run("time", tmp_path_factory.mktemp("time"))


def names_in(survey: Path) -> list[str]:
    return [each.name for each in dtect.table(survey / "Seismics")]


@pytest.mark.parametrize("added", [0, 1, 2])
def test_a_new_survey_that_was_begun_gets_its_seismic_all_the_same(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, added: int
) -> None:
    """The survey is there from its first object on, and a second call finds it so."""
    calls = []

    def stop(*arguments: Any) -> Any:
        calls.append(arguments)
        if len(calls) > added:
            raise KeyboardInterrupt
        return add_all(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(project, "add_all", stop)
        with pytest.raises(KeyboardInterrupt):
            put(made, tmp_path / "S", wells=None)
    assert len(names_in(tmp_path / "S")) == added
    put(made, tmp_path / "S", wells=None)
    whole = put(made, tmp_path / "undisturbed", wells=None)
    assert names_in(tmp_path / "S") == names_in(whole)
    assert names_in(whole)[0] == "Seismic"


def test_a_survey_that_is_whole_without_its_seismic_stays_so(made: Path, tmp_path: Path) -> None:
    put(made, tmp_path / "S", wells=None, seismic="no")
    put(made, tmp_path / "S", wells=None)
    assert "Seismic" not in names_in(tmp_path / "S")
    theirs = existing(tmp_path, "time")
    table = theirs / "Seismics" / ".omf"  # set up in OpendTect, and nothing imported yet
    table.write_text(table.read_text().partition("-- a remark")[0])
    put(made, theirs, wells=None)
    assert "Seismic" not in names_in(theirs)


@pytest.mark.slow
@pytest.mark.parametrize("start", ["somebody's", "nothing"])
def test_a_kill_at_any_moment_leaves_a_survey_that_lists_whole_files(
    made: Path, tmp_path: Path, start: str
) -> None:
    (tmp_path / "start").mkdir()
    if start == "somebody's":
        existing(tmp_path / "start", "time").rename(tmp_path / "start" / "S")
        (tmp_path / "start" / ".omf").touch()
    for name in ("run", "wells"):
        shutil.copytree(made / name, tmp_path / name)
    code = subprocess.run(
        [sys.executable, "-m", "tests.project_kills", str(tmp_path), "24"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert code.returncode == 0, code.stdout + code.stderr
