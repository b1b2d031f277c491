"""OpendTect's side of an external attribute, written from the description of its pipe alone."""

import json
import select
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import quote, unquote

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

STRIPPED = {"PATH": "/usr/bin:/bin", "IFS": " \t\n", "PYTHONPATH": ""}
"""All that a script finds in its environment."""


def head(*, stepout: tuple[int, int] = (0, 0), z_step: float = 0.004, outputs: int = 1) -> bytes:
    """Return what is said once."""
    rows, columns = (2 * each + 1 for each in stepout)
    counts = (rows * columns, 1, outputs, rows, columns)
    return struct.pack("=5i", *counts) + struct.pack("=5fi", z_step, 25, 12.5, 1, 1, 0)


def request(first: int, inline: int, crossline: int, traces: Samples) -> bytes:
    """Return the request for a trace; ``traces`` has its inlines, crosslines and samples around it."""
    numbers = struct.pack("=4i", traces.shape[-1], first, inline, crossline)
    return numbers + np.nan_to_num(traces).astype("=f4").tobytes()


def parameters(script: Path, python: str = sys.executable) -> dict[str, Any]:
    """Ask a script for its parameters: one line."""
    answer = subprocess.run(
        [python, script, "-g"], capture_output=True, env=STRIPPED, cwd="/", check=True
    )
    assert answer.stdout.count(b"\n") == 1
    assert answer.stdout.endswith(b"\n")
    assert answer.stdout.isascii()
    return cast("dict[str, Any]", json.loads(unquote(answer.stdout.decode().strip())))


class Attribute:
    """A script under way.

    Parameters
    ----------
    script
        Which.
    survey
        Its folder on disk.
    name
        Of the input.
    log
        File that takes what it says.
    values
        Of parameters that the user changed.
    """

    def __init__(self, script: Path, survey: Path, name: str, log: Path, **values: Any) -> None:
        told = parameters(script) | values
        told |= {"Survey": survey.name, "SurveyDiskLocation": str(survey), "InputNames": [name]}
        self._log = log.open("wb")
        self.process = subprocess.Popen(
            [sys.executable, script, "-c", quote(json.dumps(told))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=STRIPPED,
            cwd="/",
        )
        self._in = cast("BinaryIO", self.process.stdin)
        self._out = cast("BinaryIO", self.process.stdout)

    def say(self, data: bytes) -> None:
        """Write to the script."""
        self._in.write(data)
        self._in.flush()

    def answer(self, samples: int, within: float = 120) -> Samples:
        """Read one output trace."""
        data = b""
        while len(data) < 4 * samples:
            ready, _, _ = select.select([self._out], [], [], within)
            assert ready, "no answer in time"
            part = self._out.read1(4 * samples - len(data))  # type: ignore[attr-defined]
            assert part, "the script ended"
            data += part
        return np.frombuffer(data, np.float32)

    def silent(self) -> bool:
        """Tell whether nothing waits to be read that nobody asked for."""
        return not select.select([self._out], [], [], 0.2)[0]

    def kill(self) -> None:
        """End it as OpendTect does."""
        self.process.kill()
        self.process.wait()
        for each in (self._in, self._out, self._log):
            each.close()
