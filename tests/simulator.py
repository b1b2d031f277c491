"""A stand-in for OPM Flow that answers at once, and a writer of summary files from their description."""

import struct
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

SCRIPT = """#!{python} -S
import os, sys, time
sys.path.insert(0, {root!r})
from tests.simulator import behave
behave({mode!r}, {log!r}, sys.argv[1:])
"""


def install(folder: Path, mode: str = "well") -> Path:
    """Put ``flow`` into a folder; return the log of the decks that it was given."""
    folder.mkdir(parents=True, exist_ok=True)
    path, log = folder / "flow", folder / "calls.txt"
    root = str(Path(__file__).parent.parent)
    path.write_text(SCRIPT.format(python=sys.executable, root=root, mode=mode, log=str(log)))
    path.chmod(0o755)
    log.write_text("")
    return log


def behave(mode: str, log: str, arguments: Sequence[str]) -> None:
    """Do what the simulator does: ``well``, ``fails``, ``hangs``, ``silent``, ``other`` program."""
    import time

    if arguments == ["--version"]:
        sys.stdout.write("Flow, a static type checker\n" if mode == "other" else "flow 2022.10\n")
        return
    deck = Path(arguments[0])
    out = Path(next(a for a in arguments if a.startswith("--output-dir=")).split("=", 1)[1])
    with Path(log).open("a") as file:
        file.write(deck.stem + "\n")
    if mode == "hangs" or (mode == "hangs once" and first(Path(log).with_name("hung"))):
        time.sleep(600)
    if mode == "fails":
        sys.stdout.write("Starting\nError: Unrecoverable errors while loading input\n")
        sys.exit(1)
    if mode == "silent":
        return
    days = [30.0 * step for step in range(1, 1201)]
    opened = deck.read_text().split("COMPDAT")[1].split("/\n/")[0]
    rate = float(sum(int(line.split()[1]) for line in opened.strip().splitlines()))
    vectors = {"TIME": days, "FOPT": [rate * day for day in days], "FOIP": [1e6] * len(days)}
    write_summary(out / f"{deck.stem}.SMSPEC", vectors)


def first(mark: Path) -> bool:
    """Tell whether nobody has come here before, of however many that come at once."""
    try:
        mark.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def write_summary(path: Path, vectors: Mapping[str, Sequence[float]]) -> None:
    """Write both files of a summary; vectors of wells are named as in ``WOPT:W1``."""
    keywords = [name.partition(":")[0] for name in vectors]
    wells = [name.partition(":")[2] or ":+:+:+:+" for name in vectors]
    spec = [
        ("INTEHEAD", "INTE", struct.pack(">2i", 1, 100)),
        ("KEYWORDS", "CHAR", "".join(f"{word:8}" for word in keywords).encode()),
        ("WGNAMES ", "CHAR", "".join(f"{word:8}" for word in wells).encode()),
    ]
    path.write_bytes(b"".join(array(*each) for each in spec))
    content = array("SEQHDR  ", "INTE", struct.pack(">i", 0))
    for step, values in enumerate(zip(*vectors.values(), strict=True)):
        content += array("MINISTEP", "INTE", struct.pack(">i", step))
        content += array("PARAMS  ", "REAL", struct.pack(f">{len(values)}f", *values))
    path.with_suffix(".UNSMRY").write_bytes(content)


def array(name: str, kind: str, data: bytes) -> bytes:
    """Return an array as records of Fortran: at most 1000 numbers or 105 words in each."""
    size = 8 if kind == "CHAR" else 4
    most = (105 if kind == "CHAR" else 1000) * size
    head = f"{name:8}".encode() + struct.pack(">i", len(data) // size) + kind.encode()
    return record(head) + b"".join(
        record(data[at : at + most]) for at in range(0, len(data), most)
    )


def record(data: bytes) -> bytes:
    length = struct.pack(">i", len(data))
    return length + data + length
