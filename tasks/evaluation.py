"""What ``graben evaluate`` does: which methods, on which sets, from what was asked for."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

from models.errors import ParameterError
from models.networks.card import read_card
from tasks.evaluate import refuse_shared_seeds
from tasks.fan_out import Progress
from tasks.methods import Method, baselines, of_network
from tasks.network import keras_network
from tasks.ratchet import measure, record
from tasks.score_table import VALIDATION, Row, score_methods, surveys_in, synthetic_set
from tasks.synthesize import ExampleRecipe

SECTION_WEIGHTS = "section24.keras"
"""The weights of a network of sections that come with graben, once there are some."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be scored.

    Attributes
    ----------
    weights, section_weights
        ``.keras`` files with their cards; None: those that come with graben.
    surveys
        Folder of labelled sections; None: synthetic examples only.
    seeds, presets, count, size
        Of the examples: a set for each seed and preset.
    validation_count
        Sections that fix thresholds.
    threshold
        For one pass of a network; None: that of its card.
    threads
        Of TensorFlow, and of attributes.
    """

    weights: Path | None
    section_weights: Path | None
    surveys: Path | None
    seeds: tuple[int, ...]
    presets: tuple[str, ...]
    count: int
    size: tuple[int, int, int]
    validation_count: int = VALIDATION.count
    threshold: float | None = None
    threads: int = 1

    @property
    def networks(self) -> list[Path]:
        """The weights files."""
        found = [keras_network(self.weights).weights]
        committed = Path(str(files("models") / "weights" / SECTION_WEIGHTS))
        if self.section_weights or committed.is_file():
            found.append(keras_network(self.section_weights or committed).weights)
        return found


def evaluation(wanted: Wanted, *, progress: Progress | None = None) -> list[Row]:
    """Return the rows of the table: every method on every set.

    Raises
    ------
    WeightsError
        If weights cannot be used.
    InputError
        If there are no labelled sections where they should be.
    ParameterError
        If examples to be scored share a seed with those of training or of the thresholds.
    """
    recipes = [
        ExampleRecipe(seed, wanted.count, wanted.size, preset)
        for preset in wanted.presets
        for seed in wanted.seeds
    ]
    validation = replace(VALIDATION, count=wanted.validation_count)
    for weights in wanted.networks:
        card = read_card(weights)
        refuse_shared_seeds(card.data.get("examples", ()), [validation], recipes)
    sets = surveys_in(wanted.surveys) if wanted.surveys else []
    return score_methods(
        methods_of(wanted),
        [*sets, *map(synthetic_set, recipes)],
        validation=synthetic_set(validation),
        threads=wanted.threads,
        progress=progress,
    )


def methods_of(wanted: Wanted) -> list[Method]:
    """Return the rows: attributes, then each network in one pass and averaged."""
    methods = baselines()
    for weights in wanted.networks:
        network = keras_network(weights)
        runtime = replace(network, threads=wanted.threads).load()
        threshold = wanted.threshold or network.facts.threshold
        methods += of_network(weights.stem, runtime, threshold)
    return methods


def record_scores(wanted: Wanted) -> Iterator[tuple[Path, str]]:
    """Measure what the ratchet holds and record it; yields the file and a line for each weights file.

    Raises
    ------
    ParameterError
        If no labelled sections are named.
    OutputError
        If the scores are worse than those recorded.
    """
    if wanted.surveys is None:
        raise ParameterError(
            "--surveys", "nothing", "--record needs the folder of labelled sections."
        )
    for weights in wanted.networks:
        scores = measure(weights, wanted.surveys, threads=wanted.threads)
        path = record(weights, scores)
        yield (
            path,
            f"{weights.stem}: "
            + ", ".join(
                f"{survey} AP {each['average_precision']:.3f} ({each['best_attribute']} "
                f"{each['average_precision_of_attribute']:.3f})"
                for survey, each in scores["surveys"].items()
            ),
        )
