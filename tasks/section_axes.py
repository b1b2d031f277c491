"""The three axes of a volume as people name places on them: inline, crossline, time or depth."""

from dataclasses import dataclass

from storage.geometry import SurveyGeometry, line_step


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis.

    Attributes
    ----------
    name
        ``inline``, ``crossline``, ``twt`` or ``depth``.
    unit
        Of its numbers, nothing for line numbers.
    first, step, count
        Which numbers it has.
    """

    name: str
    unit: str
    first: float
    step: float
    count: int

    @property
    def last(self) -> float:
        """The largest number."""
        return self.value(self.count - 1)

    @property
    def label(self) -> str:
        """For people, such as ``Time, ms``."""
        return f"{self.word}, {self.unit}" if self.unit else self.word

    @property
    def word(self) -> str:
        """For people, such as ``Time``."""
        return "Time" if self.name == "twt" else self.name.capitalize()

    @property
    def edges(self) -> tuple[float, float]:
        """Outer edges of the first and the last place."""
        return self.first - self.step / 2, self.last + self.step / 2

    def value(self, index: int) -> float:
        """Return the number at a place."""
        return self.first + index * self.step

    def index(self, value: float) -> int:
        """Return the place nearest to a number."""
        return min(self.count - 1, max(0, round((value - self.first) / self.step)))


def axes_of(geometry: SurveyGeometry) -> tuple[Axis, Axis, Axis]:
    """Return the axes of a volume."""
    samples = geometry.samples
    inline, crossline = (
        Axis(name, "", float(lines[0]), float(line_step(lines)), len(lines))
        for name, lines in (("inline", geometry.inlines), ("crossline", geometry.crosslines))
    )
    return (
        inline,
        crossline,
        Axis(samples.name, samples.unit, samples.start, samples.interval, samples.count),
    )


def other_axes(axes: tuple[Axis, Axis, Axis], axis: int) -> tuple[Axis, Axis]:
    """Return what goes across and what goes down a section."""
    across, down = (each for number, each in enumerate(axes) if number != axis)
    return across, down
