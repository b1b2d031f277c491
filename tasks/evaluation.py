"""What ``graben evaluate`` does: which methods, on which sets, from what was asked for."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

from models.errors import ParameterError
from tasks.ensemble import Accuracy, FaultNetworks, fault_networks, trained_examples, used_examples
from tasks.evaluate import refuse_shared_seeds
from tasks.fan_out import Progress
from tasks.methods import Method, baselines, of_networks
from tasks.ratchet import measure, record
from tasks.score_table import VALIDATION, Row, score_methods, surveys_in, synthetic_set
from tasks.synthesize import ExampleRecipe

OWN: tuple[Accuracy, ...] = get_args(Accuracy)
"""The ensembles that come with graben."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be scored.

    Attributes
    ----------
    weights
        An ensemble or the weights of one network; None: all ensembles that come with graben.
    surveys
        Folder of labelled sections; None: synthetic examples only.
    seeds, presets, count, size
        Of the examples: a set for each seed and preset.
    validation_count
        Sections that fix thresholds.
    threshold
        For networks; None: those of the card.
    threads
        Of TensorFlow, and of attributes.
    """

    weights: Path | None
    surveys: Path | None
    seeds: tuple[int, ...]
    presets: tuple[str, ...]
    count: int
    size: tuple[int, int, int]
    validation_count: int = VALIDATION.count
    threshold: float | None = None
    threads: int = 1

    @property
    def networks(self) -> list[FaultNetworks]:
        """The ensembles."""
        if self.weights:
            return [fault_networks(self.weights)]
        return [fault_networks(None, accuracy=accuracy) for accuracy in OWN]


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
    for networks in wanted.networks:
        for trained in trained_examples(networks):
            refuse_shared_seeds(trained, [validation], recipes)
        refuse_shared_seeds(used_examples(networks), recipes)
    sets = surveys_in(wanted.surveys) if wanted.surveys else []
    return score_methods(
        methods_of(wanted),
        [*sets, *map(synthetic_set, recipes)],
        validation=synthetic_set(validation),
        threads=wanted.threads,
        progress=progress,
    )


def methods_of(wanted: Wanted) -> list[Method]:
    """Return the rows: attributes, then every ensemble."""
    return baselines() + [
        of_networks(
            networks.card.name, networks, threads=wanted.threads, threshold=wanted.threshold
        )
        for networks in wanted.networks
    ]


def record_scores(wanted: Wanted) -> Iterator[tuple[Path, str]]:
    """Measure what the ratchet holds and record it; yields the file and a line for each ensemble.

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
    for networks in wanted.networks:
        scores = measure(networks, wanted.surveys, threads=wanted.threads)
        path = record(networks.folder, networks.card.name, scores)
        yield (
            path,
            f"{networks.card.name}: "
            + ", ".join(
                f"{survey} AP {each['average_precision']:.3f} ({each['best_attribute']} "
                f"{each['average_precision_of_attribute']:.3f})"
                for survey, each in scores["surveys"].items()
            ),
        )
