"""What all autoencoders of a comparison have in common, and whether it can be held; no TensorFlow."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.networks.capacity import KINDS, architecture
from storage.errors import InputError
from storage.examples import ExampleStore

COMPETITORS = KINDS


@dataclass(frozen=True, slots=True)
class Contest:
    """What all autoencoders of a comparison have in common.

    Attributes
    ----------
    budget
        Parameters of encoder and decoder together.
    steps, batch_size
        Of the training of the autoencoder, and again of its head; patches a step.
    patch, code
        Samples along each side of a patch, and values that are kept of it.
    seed
        Of first weights and of the order of the patches.
    """

    budget: int
    steps: int
    batch_size: int
    patch: int
    code: int
    seed: int


def check_contest(contest: Contest) -> None:
    """Check that every kind of autoencoder can be built; nothing is.

    Raises
    ------
    ParameterError
        If the budget, the patches and the codes do not fit together.
    """
    for kind in KINDS:
        architecture(kind, budget=contest.budget, patch=contest.patch, code=contest.code)


def example_recipes(examples: Sequence[Path], contest: Contest) -> list[dict[str, Any]]:
    """Return the recipes of stores that a contest can be held on.

    Raises
    ------
    InputError
        If a store is missing or incomplete, or its examples are smaller than a patch.
    """
    recipes = []
    for path in examples:
        store = ExampleStore(path)
        if min(store.size) < contest.patch:
            size = "x".join(map(str, store.size))
            raise InputError(
                path,
                f"its examples have {size} samples, too few for patches of {contest.patch} a side",
                "Name stores of larger cubes, or a smaller --patch.",
            )
        recipes.append(store.recipe)
    return recipes
