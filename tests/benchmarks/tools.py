"""The programs that are compared: how each is called, and where it is found."""

import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

Command = Callable[[Path, Path], list[str]]

MDIO_CONVERSION = Path(__file__).with_name("mdio_conversion.py")


@dataclass(frozen=True, slots=True)
class Tool:
    """A program that converts a SEG-Y file to a store and back.

    Parameters
    ----------
    name, version
        For people.
    ingest, export
        Commands from (source, target).
    suffix
        Of its store.
    environment
        Added to that of the process.
    """

    name: str
    version: str
    ingest: Command
    export: Command
    suffix: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)


class MissingError(Exception):
    """A program that is not there, and why."""


def graben() -> Tool:
    """Return graben as a user calls it, beside the interpreter that runs the benchmark."""
    command = str(Path(sys.executable).with_name("graben"))
    return Tool(
        "graben",
        version("graben"),
        lambda source, target: [command, "ingest", str(source), str(target)],
        lambda source, target: [command, "export", str(source), str(target)],
        suffix=".zarr",
    )


def openvds(environment: Path | None) -> Tool:
    """Return OpenVDS+ without compression, its fastest way.

    Raises
    ------
    MissingError
        If it is not installed there.
    """
    found = _version("openvds", environment, "OPENVDS_ENV")
    assert environment is not None
    importer, exporter = (str(environment / "bin" / name) for name in ("SEGYImport", "SEGYExport"))
    uncompressed = "--compression-method=None"
    return Tool(
        "OpenVDS+",
        found,
        lambda source, target: [importer, uncompressed, "--vdsfile", str(target), str(source)],
        lambda source, target: [exporter, "--vdsfile", str(source), str(target)],
        suffix=".vds",
    )


def mdio(environment: Path | None) -> Tool:
    """Return MDIO with its defaults and the file header kept, without which nothing comes back.

    Raises
    ------
    MissingError
        If it is not installed there.
    """
    found = _version("multidimio", environment, "MDIO_ENV")
    assert environment is not None
    # -P: see the script.
    call = [str(environment / "bin" / "python"), "-P", str(MDIO_CONVERSION)]
    return Tool(
        "MDIO",
        found,
        lambda source, target: [*call, "ingest", str(source), str(target)],
        lambda source, target: [*call, "export", str(source), str(target)],
        suffix=".mdio",
        environment={"MDIO__IMPORT__SAVE_SEGY_FILE_HEADER": "true", "TQDM_DISABLE": "1"},
    )


def copy() -> Tool:
    """Return ``cp``: no conversion can be faster."""

    def command(source: Path, target: Path) -> list[str]:
        return ["cp", str(source), str(target)]

    return Tool("cp", "", command, command, suffix=".copy")


def _version(distribution: str, environment: Path | None, named: str) -> str:
    """Return the version of a distribution in a virtual environment and of its Python."""
    if environment is None:
        raise MissingError(f"{named} names no virtual environment")
    python = environment / "bin" / "python"
    if not python.exists():
        raise MissingError(f"there is no virtual environment at {named}")
    code = (
        "import sys, importlib.metadata as m;"
        f"print(m.version({distribution!r}), 'on Python', '%d.%d' % sys.version_info[:2])"
    )
    answer = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    if answer.returncode:
        raise MissingError(f"{distribution} is not installed in {named}")
    return answer.stdout.strip()
