"""The commands ``convert-weights`` and ``calibrate``."""

import os

import typer

from flows.commands.options import add_command
from flows.settings.runtimes import Calibrate, ConvertWeights

EXAMPLE = "graben convert-weights training/lean16.keras --to openvino-int8"


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    add_command(app, "convert-weights", ConvertWeights, _convert_weights, example=EXAMPLE)
    add_command(
        app, "calibrate", Calibrate, _calibrate, example="graben calibrate weights/accurate.json"
    )


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


def _calibrate(settings: Calibrate) -> None:
    """Write the card anew; print thresholds and scores."""
    from flows.terminal import bar, say
    from tasks.calibrate import calibrate

    with bar("calibrate") as progress:
        card = calibrate(
            settings.ensemble, threads=settings.threads or os.cpu_count() or 1, progress=progress
        )
    for kind, view in (("volumes", card.volumes), ("lines", card.lines)):
        for name, scores in card.scores[kind].items():
            say(
                f"{kind}: threshold {view.threshold:g}; {name}: tol2-F1 {scores['f1']:.3f}, "
                f"AP {scores['average_precision']:.3f}, calibration error {scores['calibration_error']:.3f}"
            )
    say(f"Ensemble: {settings.ensemble}")
