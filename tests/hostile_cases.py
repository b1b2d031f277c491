"""Surveys with headers and lengths broken by chance, and what must become of each; a number decides."""

import io
import json
import shutil
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path

import numpy as np

from tests.breakage import Source, broken, read_source

FOREIGN = Path(__file__).parent.parent.parent / "shared" / "data" / "segy"


LARGEST_SOURCE = 2 << 20


OPTIONS = (
    "--salvage",
    "--as-line",
    "--salvage --as-line",
    "--duplicates last",
    "--duplicates error",
    "--samples 50",
    "--format 5",
    "--byte-order little",
    "--sample-interval 4",
    "--inline-byte 9 --crossline-byte 21",
    "--inline-byte 237 --crossline-byte 240",
    "--domain depth",
    "--codec small",
)


@cache
def sources() -> list[Source]:
    """Return the files to break: those of others, or where they are not at hand some of ours."""
    paths = sorted(path for path in FOREIGN.rglob("*") if path.is_file())
    small = [path for path in paths if path.stat().st_size <= LARGEST_SOURCE]
    if small:
        return [read_source(path.name, path.read_bytes()) for path in small]
    from tests.surveys import GOOD, write_segy

    with tempfile.TemporaryDirectory() as folder:
        made = {
            name: write_segy(Path(folder) / "made.sgy", make(), form).read_bytes()
            for name, (make, form) in GOOD.items()
        }
    return [read_source(name, content) for name, content in made.items()]


def case(number: int) -> tuple[str, bytes, list[str]]:
    """Return the name of the file and what was done to it, its content, and the options."""
    rng = np.random.default_rng(number)
    source = sources()[rng.integers(len(sources()))]
    content, done = broken(source, rng)
    options = OPTIONS[rng.integers(len(OPTIONS))].split() if rng.random() < 0.4 else []
    return f"{source.name}, {', '.join(done)} {' '.join(options)}".rstrip(), content, options


def examine(number: int, folder: Path) -> str:
    """Return ``volume``, ``refused``, or what is wrong."""
    name, content, options = case(number)
    (folder / "in.sgy").write_bytes(content)
    try:
        recommended = None if number % 2 else _recommended(folder, options)
        verdict = _round_trip(folder, options)
        if recommended not in (None, options) and _round_trip(folder, recommended) == "refused":
            return f"{name}: scan recommends {recommended}, and ingest refuses"
    except WrongError as error:
        return f"{name}: {error}"
    return verdict


class WrongError(Exception):
    """What graben did wrong with a file."""


def _recommended(folder: Path, options: list[str]) -> list[str] | None:
    """Return the options that a scan recommends, None where it gives the file up."""
    reading = options if "--codec" not in options else []
    code, page, said = command("scan", folder / "in.sgy", "--json", *reading)
    if code not in (0, 2) or (code == 2 and not _is_one_line(said)):
        raise WrongError(f"scan ends with {code}: {said[-900:]}")
    recommended = json.loads(page)["command"] if page else None
    if (recommended is None) != (code == 2):
        raise WrongError(f"scan ends with {code} and recommends {recommended}")
    return recommended[4:] if recommended else None


def _round_trip(folder: Path, options: list[str]) -> str:
    """Make a volume, and the file again; return ``volume`` or ``refused``."""
    survey, volume, out = folder / "in.sgy", folder / "volume.zarr", folder / "out.sgy"
    code, _, said = command("ingest", survey, volume, *options)
    if code == 2:
        if (left := [path.name for path in folder.iterdir()]) != ["in.sgy"]:
            raise WrongError(f"left {sorted(left)} behind")
        if not _is_one_line(said):
            raise WrongError(f"said not one line: {said[-900:]}")
        return "refused"
    if code:
        raise WrongError(f"ingest {options} ends with {code}: {said[-900:]}")
    code, _, said = command("export", volume, out, "--verify")
    if code:
        raise WrongError(f"export ends with {code}: {said[-900:]}")
    if out.read_bytes() != survey.read_bytes():
        raise WrongError("other bytes came back")
    shutil.rmtree(volume)
    out.unlink()
    return "volume"


def _is_one_line(said: str) -> bool:
    return said.startswith("graben: ") and said.count("\n") == 1


def command(*arguments: object) -> tuple[int, str, str]:
    """Return exit code, output and errors of a command."""
    from flows.__main__ import run

    out, errors = io.StringIO(), io.StringIO()
    with redirect_stderr(errors), redirect_stdout(out):
        code = run([str(argument) for argument in arguments])
    return code, out.getvalue(), errors.getvalue()
