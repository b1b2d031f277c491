"""A survey and both directions of its conversion, for tests that disturb runs as a failing machine would."""

import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from flows.__main__ import COMPLETE, run
from tests.flows.running import Running, contents, start, wait_until
from tests.segy_parts import Content, Variant, several
from tests.segy_torture import ODD_IBM
from tests.surveys import Form, Traces, grid_traces, holes, shuffled

SHARDS = 9


def crooked() -> Traces:
    """Nine shards with holes, traces in no order, some of them twice."""
    traces = holes(grid_traces((330, 330, 10)), share=0.1)
    return shuffled(traces.take(np.r_[: len(traces), 5, 5, 40:50]))


def odd_words(content: Content) -> None:
    """Put IBM words into every shard that no float32 gives back."""
    words = content.words("u4")
    rows = np.arange(0, len(words), 7)
    words[rows, rows % words.shape[1]] = np.resize(np.array(ODD_IBM, np.uint32), len(rows))


def put_trailer(content: Content) -> None:
    content.tail = b"\x01" * 77


@dataclass(slots=True)
class Conversion:
    """One direction: the command without its output, and what a run leaves that nothing disturbs."""

    command: tuple[object, ...]
    suffix: str
    home: Path
    clean: dict[str, str] = field(default_factory=dict)
    before_s: float = 0.0
    span_s: float = 0.0

    def line(self, out: Path, *options: object) -> tuple[object, ...]:
        return (*self.command, out, *options)

    def start(self, out: Path, *options: object) -> Running:
        return start(*self.line(out, *options), home=self.home)

    def run_here(self, out: Path, *options: object) -> int:
        """Run in this process, which is quicker; the bytes are the same."""
        return run([str(part) for part in self.line(out, *options)])

    def output(self, folder: Path) -> Path:
        folder.mkdir(exist_ok=True)
        return folder / f"out{self.suffix}"

    def check(self, out: Path) -> None:
        """The output is what an undisturbed run leaves, and nothing lies beside it."""
        assert contents(out.parent) == self.clean
        shutil.rmtree(out.parent)

    def measure(self, folder: Path) -> None:
        """Run once undisturbed: what it leaves, and how long it takes until it writes and then."""
        out, began = self.output(folder), time.monotonic()
        process = self.start(out)
        wait_until(lambda: ledger(out).exists(), process, within=120)
        self.before_s = time.monotonic() - began
        code, err = process.end(within=120)
        assert code == COMPLETE, err
        self.span_s = time.monotonic() - began - self.before_s
        self.clean = contents(folder)


def ledger(out: Path) -> Path:
    return out.with_name(out.name + ".ledger")


def convert_undisturbed(folder: Path) -> dict[str, Conversion]:
    """Make a survey, ingest it, export it; return what came of it."""
    variant = Variant(several(odd_words, put_trailer), crooked, Form(code=1, texts=1))
    survey = variant.write(folder / "survey.sgy")
    ingest = Conversion(("ingest", survey, "--salvage"), ".zarr", folder)
    ingest.measure(folder / "ingest")
    export = Conversion(("export", folder / "ingest" / "out.zarr"), ".sgy", folder)
    export.measure(folder / "export")
    assert (folder / "export" / "out.sgy").read_bytes() == survey.read_bytes()
    return {"ingest": ingest, "export": export}
