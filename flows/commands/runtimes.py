"""The command ``convert-weights``."""

import os

import typer

from flows.commands.options import add_command
from flows.settings.runtimes import ConvertWeights

EXAMPLE = "graben convert-weights training/lean16.keras --to openvino-int8"


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    add_command(app, "convert-weights", ConvertWeights, _convert_weights, example=EXAMPLE)


def _convert_weights(settings: ConvertWeights) -> None:
    """Write the file and its card; print what changed."""
    from flows.terminal import bar, say
    from tasks.convert import SIZE, Conversion, convert
    from tasks.departure import quality_lines
    from tasks.synthesize import ExampleRecipe

    conversion = Conversion(
        settings.to,
        ExampleRecipe(settings.calibration_seed, settings.count, SIZE),
        ExampleRecipe(settings.quality_seed, settings.count, SIZE),
        threads=settings.threads or os.cpu_count() or 1,
    )
    with bar("convert") as progress:
        out, card = convert(
            settings.weights,
            settings.out,
            conversion,
            sections=settings.surveys,
            overwrite=settings.overwrite,
            progress=progress,
        )
    for line in quality_lines(card):
        say(line)
    say(f"Weights: {out}")
