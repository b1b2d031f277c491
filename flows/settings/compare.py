"""The settings of the command that compares autoencoders."""

from pydantic import Field, NonNegativeInt, PositiveInt

from flows.settings.reading import Cluster, Output
from flows.settings.values import PRESET_HELP, Paths, Preset


class CompareModels(Cluster, Output):
    """Compare dense, convolutional and variational autoencoders at equal numbers of parameters.

    Each learns to rebuild the same patches from codes of the same length, in the same order; then the same
    head learns to map faults from what it rebuilds. Writes compare.html, compare.csv and compare.json into
    --out.
    """

    budget: PositiveInt = Field(
        1_000_000, description="Parameters of each autoencoder, met within 2.5%"
    )
    steps: PositiveInt = Field(
        2000, description="Training steps of each autoencoder, and as many of its fault head"
    )
    patch: PositiveInt = Field(
        32, description="Samples along each side of a patch: 16, 24, 32, ..."
    )
    code: PositiveInt = Field(
        4096, description="Values kept of a patch, a multiple of (patch / 8) cubed"
    )
    batch_size: PositiveInt = Field(4, description="Patches a step")
    examples: Paths | None = Field(
        None, description="Stores of cubes, separated by commas (default: made in --out)"
    )
    cubes: PositiveInt = Field(60, description="Cubes of 96x96x96 samples to make")
    preset: Preset = Field("plain", description=PRESET_HELP)
    score_count: PositiveInt = Field(12, description="Cubes to be scored on")
    seed: NonNegativeInt = Field(11, description="Seed of first weights and of the order")
    example_seed: NonNegativeInt = Field(101, description="Seed of the cubes")
    test_seed: NonNegativeInt = Field(301, description="Seed of the cubes to be scored on")
    threads: PositiveInt | None = Field(None, description="Threads (default: one a core)")
