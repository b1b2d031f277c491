"""The settings of the commands that make examples, train on them and score the result."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveInt

from flows.settings.reading import Cluster, Output, Settings
from flows.settings.values import PRESET_HELP, Location, Paths, Positional, Preset, Seeds, Size


class Synthesize(Cluster):
    """Make training examples: amplitudes and exact fault labels in one Zarr store.

    Example i follows from the seed and i alone, whatever the number of workers. OUT.html beside the store
    shows examples and statistics, for a person to judge.
    """

    out: Annotated[Path, Positional()] = Field(description="Zarr store to write")
    count: PositiveInt = Field(200, description="Number of examples")
    size: Size = Field(
        (96, 96, 96),
        description="Samples along inline, crossline and time; a 1 in the middle makes sections",
    )
    preset: Preset = Field("mixed", description=PRESET_HELP)
    seed: NonNegativeInt = Field(101, description="Seed of the examples")
    labels: Literal["fault", "all"] = Field(
        "fault",
        description="all: throw, strike, dip and geologic time beside the distance to faults",
    )
    like: Location | None = Field(
        None,
        description="Volume whose spectrum, histogram and noise the examples get (volume.zarr)",
    )
    inserted: float = Field(
        0.5,
        ge=0,
        le=1,
        description="With --like: share of examples that are quiet blocks of it with faults put in",
    )
    texture: Path | None = Field(
        None,
        description="With --like: variational autoencoder that learnt its texture (variational.keras of "
        "compare-models), for half of the noise and of those blocks",
    )
    resume: bool = Field(False, description="Go on with an incomplete store")
    overwrite: bool = Field(False, description="Start anew, whatever store lies there")


class Train(Cluster, Output):
    """Train a network: make examples, train, fix the threshold, score.

    Writes the weights and their card, such as lean16.keras and lean16.json, into --out, with
    checkpoints, report.html and, for TensorBoard, the folder tensorboard. With --finetune or --labels
    weights go on learning from a survey of yours; where that does not help, they stay as they were.
    """

    network: Literal["lean16", "lean24", "section24"] = Field(
        "lean16",
        description="lean16 (fast), lean24 (larger, for graphics cards) or section24 (2D lines, pictures)",
    )

    examples: Paths | None = Field(
        None,
        description="Example stores, separated by commas (default: made in --out)",
    )
    finetune: Path | None = Field(
        None,
        description="Volume of a survey, as 'graben ingest' makes it, for weights to train themselves on",
    )
    labels: Path | None = Field(
        None,
        description="Interpreted sections to learn from: a CSV file of line,number,trace,sample[,stick] "
        "on the survey of --finetune, or a folder of .npz files",
    )
    weights: Path | None = Field(
        None,
        description="Weights to begin with (default: random; to fine-tune those that come with graben)",
    )
    cubes: PositiveInt | None = Field(
        None, description="Cubes of 96x96x96 samples to make (default: 800; to fine-tune 60)"
    )
    sections: PositiveInt | None = Field(
        None, description="Sections of 288x1x224 samples to make (default: 5000; to fine-tune 600)"
    )
    steps: PositiveInt | None = Field(
        None,
        description="Training steps, 0.4 to 1 s each on two cores (default: 12000; to fine-tune 1000)",
    )
    stream: NonNegativeInt = Field(
        2000,
        description="Steps over which more and more examples come into use, so that training begins with "
        "the first; 0: all from the first step",
    )
    stop_check: NonNegativeInt = Field(
        0, description="Steps between scores on validation examples for early stopping (0: off)"
    )
    patience: PositiveInt = Field(
        3, description="Scores without a better one after which training stops early"
    )
    checkpoint_every: PositiveInt = Field(
        200, description="Steps between checkpoints, which a killed training goes on from"
    )
    batch_size: PositiveInt | None = Field(
        None, description="Crops a step (default: 4 of volumes, 8 of sections)"
    )
    peak_rate: float | None = Field(
        None,
        gt=0,
        le=0.1,
        description="Highest learning rate (default: 0.002; to fine-tune 0.0002)",
    )
    seed: NonNegativeInt = Field(11, description="Seed of first weights and of the order")
    example_seed: NonNegativeInt = Field(101, description="Of the cubes; sections have the next")
    validation_seed: NonNegativeInt = Field(201, description="Seed of cubes for the threshold")
    test_seed: NonNegativeInt = Field(301, description="Seed of cubes for the scores")
    score_count: PositiveInt = Field(24, description="Cubes for the threshold, and for each score")
    threads: PositiveInt | None = Field(None, description="Threads (default: one a core)")


class Evaluate(Settings):
    """Score weights beside classical attributes, on synthetic examples and on labelled sections.

    Prints one table: average precision, precision, recall and F1 exactly and within two samples, the distance
    of labels to picks, and calibration, with 95% intervals. Thresholds are fixed on synthetic examples
    that are scored nowhere.
    """

    weights: Path | None = Field(
        None,
        description="A .keras file with its card, or an ensemble, .json (default: each --accuracy of graben)",
    )
    surveys: Path | None = Field(
        None, description="Folder of labelled sections, SURVEY_NAME.npz with 'seis' and 'fault'"
    )
    seeds: Seeds = Field((301, 302, 303), description="Seeds of the examples, each scored apart")
    count: PositiveInt = Field(4, description="Examples of each seed and preset")
    size: Size = Field((96, 96, 96), description="Samples along inline, crossline and time")
    preset: Preset | None = Field(None, description=f"{PRESET_HELP} (default: mixed and holdout)")
    validation_count: PositiveInt = Field(
        24, description="Synthetic sections that fix the thresholds of attributes"
    )
    threshold: float | None = Field(
        None, gt=0, lt=1, description="Probability that counts as fault (default: of the weights)"
    )
    threads: PositiveInt | None = Field(None, description="Threads (default: one a core)")
    json_: bool = Field(False, description="Print one JSON object instead of the table")
    record: bool = Field(
        False,
        description="Print no table: measure --surveys and some cubes, and write scores.json",
    )
