"""Kill a run's way into a survey of OpendTect at its n-th write, for many n; look at the survey each time.

::

    python -m tests.project_kills FOLDER KILLS

``FOLDER`` holds ``run``, ``wells`` and ``start``, where ``S`` is a survey that holds things already, or not
there yet. After each kill every table has to be one, every old byte in place, every listed file whole; the
same command again has to lead to what an undisturbed one leaves, the seismic included. Every run is a fork of
this process, as in `tests.kill_points`.
"""

import re
import shutil
import sys
from functools import partial
from hashlib import sha256
from pathlib import Path

import numpy as np

from flows.opendtect_project import put_into_project
from flows.settings.opendtect import OpendtectProject
from tests import opendtect_files as dtect
from tests.kill_points import MOST, fork

FOLDERS = ("Seismics", "Surfaces", "WellInfo", "Locations")


def put(folder: Path) -> int:
    """Put the run into the survey, or go on with it; a new survey gets the seismic unasked."""
    settings = {"run": folder / "run", "project": folder / "out" / "S", "wells": folder / "wells"}
    seismic = "yes" if (folder / "start" / "S").exists() else "auto"
    put_into_project(OpendtectProject.read(settings | {"seismic": seismic}))
    return 0


def timeless(path: Path) -> str:
    """Hash of a file without the date in its head."""
    content = re.sub(rb"(\AdTect [^\n]*\n[^\n]*\n)[^\n]*", rb"\1", path.read_bytes(), count=1)
    return sha256(content).hexdigest()


def state(out: Path) -> dict[str, str]:
    """Return every file of a folder of surveys by name."""
    return {
        str(path.relative_to(out)): timeless(path) for path in out.rglob("*") if path.is_file()
    }


def faults_of(survey: Path, before: Path, clean: dict[str, str]) -> list[str]:
    """Say what is wrong with a survey, whatever became of the run."""
    wrong = []
    for name in FOLDERS:
        old, new = (each / name / ".omf" for each in (before, survey))
        if not (survey / name).exists() and not old.exists():
            continue
        if old.exists() and not new.read_bytes().startswith(old.read_bytes()):
            wrong.append(f"{new} lost something")
        for listed in dtect.table(survey / name):
            if not listed.path.is_file():
                wrong.append(f"{listed.path} is listed and not there")
            elif timeless(listed.path) != clean[str(listed.path.relative_to(survey.parent))]:
                wrong.append(f"{listed.path} is not whole")
    return wrong


def main(folder: Path, kills: int) -> int:
    """Return how many kills did harm; say which."""
    out, start, log = folder / "out", folder / "start", folder / "log.txt"
    survey = out / "S"

    def anew(at: int) -> tuple[int, int]:
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(start, out)
        return fork(partial(put, folder), log, at)

    code, calls = anew(MOST)
    assert code == 0, log.read_text()
    clean, harmed, sprung = state(out), 0, 0
    assert "Seismic" in {each.name for each in dtect.table(survey / "Seismics")}
    shares = (np.arange(kills) + np.random.default_rng(5).random(kills)) / kills
    for at in np.unique((1 + shares * calls).astype(int)):
        killed, _ = anew(int(at))
        sprung += killed < 0
        wrong = faults_of(survey, start / "S", clean)
        again, _ = fork(partial(put, folder), log)
        if again:
            wrong.append(log.read_text()[-300:])
        found = state(out)
        wrong += [
            f"other in the end: {name}"
            for name in sorted({*found, *clean})
            if found.get(name) != clean.get(name)
        ]
        if wrong:
            harmed += 1
            sys.stdout.write(f"call {at} of {calls}: {'; '.join(wrong[:3])}\n")
    sys.stdout.write(f"{sprung} kills of {kills}, {harmed} did harm\n")
    return harmed + (sprung < kills // 2)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
