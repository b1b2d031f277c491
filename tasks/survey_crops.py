"""Crops of a user's survey for training: unlabelled blocks, and slabs around interpreted sections."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from models.augment import label_and_known, vary_amplitude
from models.augment import normalize as normalize_crop
from models.fill import fill_dead
from models.normalize import normalize, scale_of
from storage.errors import InputError
from storage.section_picks import Section, Stick, read_picks
from storage.sections import read_surveys
from storage.volume import geometry_of, read_region
from tasks.amplitudes import amplitude_attributes
from tasks.ingest import AMPLITUDE

Samples = NDArray[np.float32]
Size = tuple[int, int, int]

SLAB = 64
"""Lines around an interpreted section that are kept: the network sees what is beside it."""

FILL = 32
"""Bins over which dead ones are filled; none of them counts."""


@dataclass(frozen=True, slots=True)
class LabelledSlab:
    """A section with what lies beside it.

    Attributes
    ----------
    name
        For people.
    amplitude, distance
        (traces, lines, samples): normalized; distance to the nearest pick in samples, NaN where nobody
        interpreted.
    line
        Which line is the section.
    """

    name: str
    amplitude: Samples
    distance: Samples
    line: int = 0

    @property
    def has_both(self) -> bool:
        """Whether the section has samples on faults and others, so that something can be scored on it."""
        known = self.distance[:, self.line][np.isfinite(self.distance[:, self.line])]
        return bool((known < 1).any() and (known >= 1).any())


class SurveyCrops:
    """A complete volume, read a crop at a time.

    Parameters
    ----------
    volume
        Store of amplitudes.

    Raises
    ------
    InputError
        If there is no complete volume of amplitudes.
    """

    def __init__(self, volume: Path) -> None:
        attributes = amplitude_attributes(volume)
        self.path = volume
        self.key = str(attributes.get("key", ""))
        self._scale = scale_of(attributes["statistics"]["histogram"])
        self.geometry = geometry_of(volume)
        self._live = self.geometry.live_mask

    def read(self, start: Size, size: Size) -> tuple[Samples, Samples]:
        """Return normalized amplitudes from ``start``, and 1 where the survey has a trace.

        What lies off the survey is a reflection of what lies in it, and a single line is repeated.
        """
        shape = self.geometry.shape
        region = tuple(
            slice(max(0, first), min(n, first + count))
            for first, count, n in zip(start, size, shape, strict=True)
        )
        live = self._live[region[:2]]
        samples = normalize(read_region(self.path, AMPLITUDE, region), self._scale)
        amplitude = fill_dead(samples, live, FILL)
        widths = [
            (part.start - first, first + count - part.stop)
            for part, first, count in zip(region, start, size, strict=True)
        ]
        there = np.broadcast_to(live[..., None], amplitude.shape).astype(np.float32)
        return np.pad(amplitude, widths, mode="reflect"), np.pad(there, widths)

    def draw(
        self, rng: np.random.Generator, size: Size, *, turned: bool
    ) -> tuple[Samples, Samples]:
        """Return a random crop and where it has traces; ``turned``: its first axis runs along crosslines.

        Of four places the one with most traces is taken, so that mutes and margins are rare.
        """
        wanted = (size[1], size[0], size[2]) if turned else size
        places = []
        for _ in range(4):
            start = [
                int(rng.integers(0, max(n - count, 0) + 1))
                for n, count in zip(self.geometry.shape, wanted, strict=True)
            ]
            block = self._live[start[0] : start[0] + wanted[0], start[1] : start[1] + wanted[1]]
            places.append((float(block.mean()), (start[0], start[1], start[2])))
        amplitude, live = self.read(max(places, key=lambda place: place[0])[1], wanted)
        if turned:
            amplitude, live = amplitude.swapaxes(0, 1), live.swapaxes(0, 1)
        return amplitude, live

    def slab(self, section: Section, sticks: list[Stick], *, source: Path) -> LabelledSlab:
        """Return an interpreted section with the lines beside it.

        Raises
        ------
        InputError
            If the survey has no such line, or a pick lies off the survey; ``source`` names the file.
        """
        inline = section.line == "inline"
        lines = self.geometry.inlines if inline else self.geometry.crosslines
        crossing = self.geometry.crosslines if inline else self.geometry.inlines
        places = np.flatnonzero(lines == section.number)
        if places.size == 0:
            raise InputError(
                source,
                f"there is no {section.line} {section.number} in {self.path}",
                f"It has {lines.min()} to {lines.max()}.",
            )
        n0, n1, n2 = self.geometry.shape
        for trace, sample in (pick for stick in sticks for pick in stick):
            if not (crossing.min() <= trace <= crossing.max() and 0 <= sample < n2):
                raise InputError(
                    source,
                    f"a pick on {section.line} {section.number} lies off {self.path}: trace {trace:g}, "
                    f"sample {sample:g}",
                    f"It has traces {crossing.min()} to {crossing.max()} there, samples 0 to {n2 - 1}.",
                )
        first = int(np.clip(places[0] - SLAB // 2, 0, max(len(lines) - SLAB, 0)))
        width = min(SLAB, len(lines))
        if inline:
            amplitude, live = self.read((first, 0, 0), (width, n1, n2))
            amplitude, live = amplitude.swapaxes(0, 1), live.swapaxes(0, 1)
        else:
            amplitude, live = self.read((0, first, 0), (n0, width, n2))
        line = int(places[0]) - first
        distance = np.full(amplitude.shape, np.nan, dtype=np.float32)
        known = distance_to(sticks, crossing, n2)
        distance[:, line] = np.where(live[:, line] > 0, known, np.nan)
        return LabelledSlab(f"{section.line} {section.number}", amplitude, distance, line)


def distance_to(sticks: list[Stick], traces: NDArray[np.int32], samples: int) -> Samples:
    """Return the distance to the nearest stick, (traces, samples); far away where there is none."""
    marked = np.zeros((len(traces), samples), dtype=bool)
    order = np.argsort(traces)
    for stick in sticks:
        number, depth = np.asarray(stick, dtype=np.float64).T
        column = np.interp(number, traces[order], order)
        ends = zip(column[:-1], depth[:-1], column[1:], depth[1:], strict=True)
        for a, b, c, d in [*ends, (column[-1], depth[-1], column[-1], depth[-1])]:
            steps = 2 * int(max(abs(c - a), abs(d - b))) + 2
            x, y = np.rint(np.linspace(a, c, steps)), np.rint(np.linspace(b, d, steps))
            inside = (x >= 0) & (x < len(traces)) & (y >= 0) & (y < samples)
            marked[x[inside].astype(int), y[inside].astype(int)] = True
    if not marked.any():
        return np.full(marked.shape, 1e3, dtype=np.float32)
    return np.asarray(ndimage.distance_transform_edt(~marked), dtype=np.float32)


def labelled_slabs(labels: Path, survey: SurveyCrops | None) -> list[LabelledSlab]:
    """Return the interpreted sections of a table of picks in a survey, or of a folder of sections.

    Raises
    ------
    InputError
        If a file is not what it should be, or a table comes without its survey.
    """
    if labels.is_dir():
        return [
            LabelledSlab(each.name, normalize_crop(each.amplitude), distance_from(each.label))
            for sections in read_surveys(labels).values()
            for each in sections
        ]
    picks = read_picks(labels)
    if survey is None:
        raise InputError(
            labels, "picks need the survey they were made on", "Name it with --finetune."
        )
    return [survey.slab(section, sticks, source=labels) for section, sticks in picks.items()]


def distance_from(label: NDArray[np.uint8]) -> Samples:
    """Return the distance of each sample to the nearest labelled one."""
    if not label.any():
        return np.full(label.shape, 1e3, dtype=np.float32)
    return np.asarray(ndimage.distance_transform_edt(label == 0), dtype=np.float32)


def draw_labelled(
    rng: np.random.Generator, slab: LabelledSlab, size: Size
) -> tuple[Samples, Samples, Samples]:
    """Return amplitude, soft label and where it is one, from a random crop that shows the section."""
    amplitude, distance, line = slab.amplitude, slab.distance, slab.line
    if size[1] == 1:
        amplitude, distance = amplitude[:, line : line + 1], distance[:, line : line + 1]
        line = 0
    elif amplitude.shape[1] == 1:  # nothing is known beside it
        amplitude, distance = (np.repeat(each, size[1], axis=1) for each in (amplitude, distance))
    widths = [(0, max(0, want - n)) for want, n in zip(size, amplitude.shape, strict=True)]
    amplitude = np.pad(amplitude, widths, mode="reflect")
    distance = np.pad(distance, widths, constant_values=np.nan)
    room = [n - want for n, want in zip(amplitude.shape, size, strict=True)]
    least, most = max(0, line - size[1] + 1), min(line, room[1])
    start = (
        int(rng.integers(0, room[0] + 1)),
        int(rng.integers(least, most + 1)),
        int(rng.integers(0, room[2] + 1)),
    )
    region = tuple(slice(a, a + n) for a, n in zip(start, size, strict=True))
    amplitude, distance = amplitude[region], distance[region]
    for axis in (0, 1):
        if rng.random() < 0.5:
            amplitude, distance = np.flip(amplitude, axis), np.flip(distance, axis)
    label, known = label_and_known(distance)
    return vary_amplitude(rng, amplitude), label, known
