"""What a user of OpendTect will see of a SEG-Y file: facts, warnings, and what keeps Next from working."""

from dataclasses import dataclass

from storage.segy.opendtect.head import ACCEPTED, Head
from storage.segy.opendtect.keys import Keys, Places
from storage.segy.opendtect.setup import Setup
from storage.segy.opendtect.tally import ABORTS_AT, Condition, Tally


@dataclass(frozen=True, slots=True)
class Remark:
    """A warning with the number that OpendTect gives it, or something it says nothing of: None."""

    number: int | None
    what: str


@dataclass(frozen=True, slots=True)
class View:
    """A file as OpendTect sees it.

    Parameters
    ----------
    path
        The file.
    head
        Its headers.
    traces, trailing_bytes
        Whole traces by OpendTect's record length, and what is left after them.
    proposed
        Places of line numbers and coordinates that the wizard proposes, and that are used below.
    guesses
        What the places of revision 0 and those of revision 1 hold.
    start, interval, samples
        The vertical axis in ms or units of depth; an interval of 0 is not stated anywhere.
    tally
        What becomes of the traces.
    setup
        The new survey that the wizard proposes, or why it finds none.
    several
        Whether traces one after the other share a position.
    undefined
        Samples among those looked at that are no numbers.
    really
        What the file really is where OpendTect takes its records for others, else None.
    """

    path: str
    head: Head
    traces: int
    trailing_bytes: int
    proposed: Places
    guesses: tuple[Keys, Keys]
    start: int
    interval: float
    samples: int
    tally: Tally
    setup: Setup | str
    several: bool
    undefined: int
    really: str | None

    @property
    def accepted(self) -> int:
        """Traces that come in where they are placed by line numbers."""
        if self.tally.longest >= ABORTS_AT:
            return 0
        return self.traces - self.tally.of("dead") - self.tally.of("no-numbers")

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """Warnings in the order of their numbers, then what OpendTect says nothing of."""
        return (*_warnings(self), *_silent(self))

    @property
    def hindrances(self) -> tuple[str, ...]:
        """What keeps the file from coming in right by pressing Next, empty where nothing does."""
        head, found = self.head, []
        if head.stated_format not in ACCEPTED:
            found.append(
                f"the sample format {head.stated_format} is taken for IBM floats: amplitudes will be garbage"
            )
        if self.really:
            found.append(self.really)
        if self.tally.longest >= ABORTS_AT:
            found.append(
                f"{self.tally.longest} traces in a row have no line numbers above 0 (bytes "
                f"{self.proposed.inline} and {self.proposed.crossline}): the import ends there"
            )
        elif not self.accepted:
            found.append("no trace is accepted")
        elif not self._lines_usable:
            found.append(self._better)
        if not self.interval:
            found.append("no sample interval is stated: give it in the wizard (overrule)")
        if self.is_line:
            found.append("it is a single line: import it as 2D, or into an existing 3D survey")
        return tuple(found)

    @property
    def is_line(self) -> bool:
        """Whether the scan saw one inline or one crossline only."""
        return isinstance(self.setup, str) and "holds only one" in self.setup

    @property
    def _lines_usable(self) -> bool:
        keys = [key for guess in self.guesses for key in (guess.inline, guess.crossline)]
        usable = {key.byte for key in keys if key.usable}
        return {self.proposed.inline, self.proposed.crossline} <= usable

    @property
    def _better(self) -> str:
        """Say what to choose in the wizard where its places of the line numbers hold none."""
        if (
            self.head.revision
            and self.guesses[0].inline.usable
            and self.guesses[0].crossline.usable
        ):
            return (
                "bytes 189 and 193 hold no line numbers, and revision 1 is stated: choose revision 0 in the "
                "wizard, which looks at bytes 9 and 21"
            )
        places = f"bytes {self.proposed.inline} and {self.proposed.crossline}"
        if self.head.revision:
            return f"{places} hold line numbers below 1, and no others are known: number lines from 1 on"
        return (
            f"the wizard proposes {places}, which do not hold line numbers above 0 in every trace: choose "
            "others there"
        )


def _warnings(view: View) -> list[Remark]:
    """Return what OpendTect warns of, by its numbers."""
    head, found = view.head, list[Remark]()
    if head.stated_format not in ACCEPTED:
        found.append(Remark(1, f"sample format {head.stated_format} is replaced by 1"))
    counted: tuple[tuple[int, Condition, str], ...] = (
        (2, "no-numbers", "bad positions, which are ignored"),
        (3, "zero-interval", "a sample interval of 0 in the trace header"),
    )
    found += [
        Remark(number, _counted(view, what, words))
        for number, what, words in counted
        if view.tally.of(what)
    ]
    if view.trailing_bytes:
        what = f"data read incomplete: {view.trailing_bytes} bytes after the last whole trace"
        found.append(Remark(4, what))
    counted = (
        (5, "geographic", "geographic coordinates (byte 89), loaded as if they were lengths"),
        (6, "far", "suspiciously large coordinates"),
    )
    found += [
        Remark(number, _counted(view, what, words))
        for number, what, words in counted
        if view.tally.of(what)
    ]
    if head.revision and head.extended_texts:
        what = f"{head.extended_texts} extended text headers are stated; they are not skipped"
        found.append(Remark(7, what))
    if head.revision and not head.fixed_length:
        found.append(Remark(8, "traces of variable length are stated; a fixed length is assumed"))
    return found


def _silent(view: View) -> list[Remark]:
    """Return what OpendTect does without saying so."""
    head, found = view.head, list[str]()
    if not head.text[0].startswith("C"):
        kind = "EBCDIC" if head.ebcdic else "ASCII"
        found.append(f"the text header does not begin with C01, and is shown as {kind}")
    if head.stated_revision and not head.revision:
        what = f"revision 0x{head.stated_revision:04x} is taken for revision 0"
        found.append(what)
    words: dict[Condition, str] = {
        "dead": "a trace identification of 2 to 10, and are left out as dead",
        "no-place": "X and Y below 0.01, and are left out where coordinates place them",
        "weighted": "a weighting factor (byte 169), by which their samples are multiplied",
        "other-start": "another first sample than trace 1; that of trace 1 is taken",
        "other-samples": f"another number of samples than the {view.samples} that are taken",
    }
    found += [_counted(view, name, what) for name, what in words.items() if view.tally.of(name)]
    if view.several:
        found.append("several traces share a position: pre-stack data, or the last one stays")
    if view.undefined:
        found.append(f"{view.undefined} of the samples looked at are no numbers (NaN, infinite)")
    return [Remark(None, what) for what in found]


def _counted(view: View, name: Condition, words: str) -> str:
    count = view.tally.counts[name]
    have = "trace has" if count.count == 1 else "traces have"
    return f"{count.count} {have} {words} (first: trace {count.first})"
