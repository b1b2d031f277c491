"""Seeds to examples: every example is one job, decided by (seed, index) alone."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from distributed import Client

from models.earth.example import GENERATOR_VERSION, Example, Labels, make_example
from models.earth.insert import Background, insert_faults
from models.earth.match import Imagine, imagined_background, make_example_like
from models.errors import ParameterError
from models.networks.card import sha256_of
from storage.errors import InputError
from storage.examples import (
    KNOWN,
    end_examples,
    is_laid_out,
    is_whole,
    lay_out_examples,
    look_at_examples,
    write_example,
)
from storage.ledger import drop_ledger, open_ledger
from storage.locations import Location
from tasks.fan_out import Progress, Result, run_jobs
from tasks.match import Measured, check_room, draw_background, measure_survey, open_survey

logger = logging.getLogger(__name__)

IMAGINED = 0.5
"""Share of the backgrounds that are learnt textures, where there are some."""


@dataclass(frozen=True, slots=True)
class ExampleRecipe:
    """What decides the bytes of an example store.

    Attributes
    ----------
    seed
        Examples of one seed differ by their index.
    count
        Number of examples.
    size
        Samples along inline, crossline and twt; a crossline axis of one sample makes sections.
    preset
        Kind of earth, a key of ``models.earth.presets.MIXTURES``.
    labels
        "all" stores throw, strike, dip and geologic time beside the distance to faults.
    like
        A volume that the examples are made like.
    inserted
        Share of those examples that are blocks of the volume with faults put into them; the others are
        synthetic through and through.
    texture
        A variational autoencoder that has learnt the volume's texture: half of those blocks are textures
        instead, and half of the noise of the others is.
    """

    seed: int
    count: int
    size: tuple[int, int, int]
    preset: str = "mixed"
    labels: Labels = "fault"
    like: Location | None = None
    inserted: float = 0.5
    texture: Path | None = None

    def as_identity(self) -> dict[str, Any]:
        """Return plain values, with the version of the generator and the identity of the volume.

        What is not asked for is not named, so that stores of before it could be are still known.
        """
        identity = asdict(self) | {"size": list(self.size), "generator": GENERATOR_VERSION}
        if self.labels == "fault":
            del identity["labels"]
        like, inserted = identity.pop("like"), identity.pop("inserted")
        texture = identity.pop("texture")
        if like is not None:
            identity["like"] = open_survey(like).identity | {"inserted": inserted}
        if texture is not None:
            identity["texture"] = _sha256(texture)
        return identity


def synthesize_example(
    index: int, *, path: str, recipe: ExampleRecipe, measured: Measured | None = None
) -> Result:
    """Make one example and write it; return its share of fault samples."""
    example = draw(recipe, index, measured)
    label = example.fault_label
    others = {} if example.truth is None else asdict(example.truth)
    facts: Result = {"fault_share": round(float(label.mean()), 6), "faults": example.fault_count}
    if measured is not None:
        known = np.ones(recipe.size, np.bool_) if example.known is None else example.known
        others[KNOWN] = known
        facts |= {"known": round(float(known.mean()), 6), "inserted": example.known is not None}
    write_example(Path(path), index, example.amplitude, label, example.fault_distance, **others)
    return facts


def draw(recipe: ExampleRecipe, index: int, measured: Measured | None = None) -> Example:
    """Return an example of a recipe; ``measured`` is the survey of a recipe that names one."""
    size, preset, labels = recipe.size, recipe.preset, recipe.labels
    if measured is None:
        return make_example(recipe.seed, index, size=size, preset=preset, labels=labels)
    character = measured.character
    imagine = None if recipe.texture is None else _imagination(recipe.texture)
    rng = np.random.default_rng([recipe.seed, index, 5])
    if rng.random() >= recipe.inserted:
        return make_example_like(
            character,
            recipe.seed,
            index,
            size=size,
            preset=preset,
            labels=labels,
            imagine=imagine,
        )
    if imagine is not None and rng.random() < IMAGINED:
        block = imagined_background(rng, character, size, imagine)
        background = Background(block, (0, 0, 0))
        character = replace(character, leftover=np.inf)  # no fault can be left over in it
    else:
        background = draw_background(rng, measured, size)
    return insert_faults(rng, background, character, size=size, preset=preset, labels=labels)


def synthesize(
    path: Path,
    recipe: ExampleRecipe,
    *,
    client: Client | None = None,
    resume: bool = False,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Make a store of examples, the same bytes on any number of workers.

    Parameters
    ----------
    path
        The Zarr group to write.
    recipe
        What to draw.
    client
        Where to run; None: threads of this process.
    resume, overwrite
        Go on with an incomplete store; start anew.
    progress
        Told after every example.

    Returns
    -------
    dict
        ``count``, mean ``fault_share``, and ``made`` (how many this call made).

    Raises
    ------
    OutputError
        If something else is at the path.
    ParameterError, InputError
        If the recipe cannot be drawn, or the volume cannot be learnt from; found before anything is
        written.
    """
    make_example(recipe.seed, 0, size=recipe.size, preset=recipe.preset)
    if recipe.texture is not None:
        if recipe.like is None:
            raise ParameterError("texture", str(recipe.texture), "Name its survey with --like.")
        recipe = replace(recipe, texture=recipe.texture.absolute())
    path = path.absolute()  # workers may run in another folder
    identity = recipe.as_identity()
    measured = None
    if recipe.like is not None and (overwrite or not is_whole(path)):
        measured = _measure(recipe.like, recipe, client)
    if look_at_examples(path, identity, resume=resume, overwrite=overwrite):
        logger.info("%s is complete: %d examples", path, recipe.count)
        drop_ledger(path)  # of a run that was killed in its last moment
        return {"count": recipe.count, "made": 0}
    jobs = {f"{index:06d}": index for index in range(recipe.count)}
    with open_ledger(path, identity, anew=overwrite) as ledger:
        if overwrite or not is_laid_out(path):
            ledger.forget()
            lay_out_examples(path, identity)
        before = len(ledger.done)
        work = partial(synthesize_example, path=str(path), recipe=recipe)
        if measured is not None:
            work = partial(work, measured=measured)
        results = run_jobs(
            work, jobs, what="examples", client=client, ledger=ledger, progress=progress
        )
        facts = _facts(results)
        if measured is not None:
            facts["survey"] = measured.facts()
        end_examples(path, facts)
        ledger.close_complete()
    return {**facts, "made": recipe.count - before}


def _measure(like: Location, recipe: ExampleRecipe, client: Client | None) -> Measured:
    """Return the survey that a recipe names, measured."""
    survey = open_survey(like)
    if recipe.inserted:
        check_room(survey, recipe.size)
    if recipe.texture is not None:
        from tasks.textures import check_autoencoder  # TensorFlow, only where it is needed

        check_autoencoder(recipe.texture)
    return measure_survey(survey, recipe.size, client=client, insert=recipe.inserted > 0)


def _imagination(autoencoder: Path) -> Imagine:
    """Return what draws the textures of an autoencoder."""
    from tasks.textures import draw_texture  # TensorFlow, only where it is needed

    return partial(draw_texture, path=autoencoder)


def _sha256(autoencoder: Path) -> str:
    if not autoencoder.is_file():
        raise InputError(
            autoencoder, "there is no such autoencoder", "Make one with 'graben compare-models'."
        )
    return sha256_of(autoencoder)


def _facts(results: Mapping[str, Result]) -> dict[str, Any]:
    """Return what is known about all examples together."""
    made = list(results.values())
    facts = {"count": len(made), "fault_share": _mean(made, "fault_share")}
    if "known" in made[0]:
        facts["known_share"] = _mean(made, "known")
        facts["inserted"] = sum(bool(result["inserted"]) for result in made)
    return facts


def _mean(results: Sequence[Result], name: str) -> float:
    return round(sum(float(result[name]) for result in results) / len(results), 6)
