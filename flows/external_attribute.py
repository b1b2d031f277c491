"""What OpendTect's External Attribute runs: it tells its parameters, then answers on the pipe.

``-g`` prints the parameters as one line of quoted JSON. ``-c`` takes them back with what the user set, and
with the survey and the input; then traces go in and out. Nothing else is ever written to standard output: it
is put aside at once, and what libraries print goes to standard error, which OpendTect logs.
"""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args
from urllib.parse import quote, unquote

METHODS = ("Volume, as map-faults", "Each inline, fast", "Each crossline, fast")
"""In the order of `tasks.attribute_volume.Seen`."""

ACCURACY = "Accuracy: 1 fast, 2 averaged, 3 accurate"

PARAMETERS: dict[str, Any] = {
    "Inputs": ["Seismic volume (stored, CBVS)"],
    "Output": ["Fault probability"],
    "ZSampMargin": {"Value": [0, 0], "Hidden": True},
    "StepOut": {"Value": [0, 0]},
    "Select": {"Name": "Networks see", "Values": list(METHODS), "Selection": 0},
    "Par_0": {"Name": ACCURACY, "Value": 1},
    # Every process would load the networks; one uses all cores.
    "Parallel": False,
    "Help": "",
}

CACHE_BYTES = 4 << 30

USAGE = (
    "graben: this is run by OpendTect's External Attribute; its second line names the interpreter."
)

SCRIPT = '''#!{python}
# OpendTect: External Attribute. Interpreter: {python}. Ex File: this file.
"""Fault probability by graben, written by 'graben opendtect external-attribute-script'."""

import os
import sys

PYTHON = {python!r}
CACHE = {cache!r}

if os.path.realpath(sys.prefix) != os.path.realpath({prefix!r}):  # another interpreter was chosen
    if os.name == "nt":
        import subprocess

        sys.exit(subprocess.call([PYTHON, os.path.abspath(__file__), *sys.argv[1:]]))
    os.execv(PYTHON, [PYTHON, os.path.abspath(__file__), *sys.argv[1:]])

sys.path.insert(0, {root!r})

from flows.external_attribute import run

sys.exit(run(sys.argv[1:], CACHE))
'''


def write_script(path: Path, cache: Path) -> None:
    """Write the script that the user chooses in OpendTect.

    Parameters
    ----------
    path
        Of the script.
    cache
        Folder for what was predicted.
    """
    from storage.locations import write_text

    root = Path(__file__).resolve().parent.parent
    text = SCRIPT.format(
        python=sys.executable, prefix=sys.prefix, cache=str(cache), root=str(root)
    )
    write_text(path, text)
    path.chmod(0o755)


def run(arguments: Sequence[str], cache: str) -> int:
    """Do what OpendTect asks for; return the exit code."""
    if arguments[:1] == ["-g"]:
        sys.stdout.write(quote(json.dumps(PARAMETERS)) + "\n")
        return 0
    if arguments[:1] != ["-c"] or len(arguments) != 2:
        _say(USAGE)
        return 2
    answers = os.dup(1)
    os.dup2(2, 1)
    from models.errors import ModelError
    from storage.errors import InputError

    try:
        _serve(json.loads(unquote(arguments[1])), answers, Path(cache))
    except (BrokenPipeError, KeyboardInterrupt):
        return 0  # OpendTect is done
    except (InputError, ModelError, ValueError) as error:
        _say(f"graben: {error}")
        return 2
    return 0


def _serve(parameters: dict[str, Any], answers: int, cache: Path) -> None:
    """Answer on the pipe."""
    from flows.settings.environment import prepare_environment

    prepare_environment()
    from tasks.attribute_volume import Seen
    from tasks.ensemble import Accuracy, fault_networks
    from tasks.external_attribute import Asked, cache_in, serve

    accuracies: tuple[Accuracy, ...] = get_args(Accuracy)
    methods: tuple[Seen, ...] = get_args(Seen)
    accuracy = int(float(_value(parameters, "Par_0", "Value", 1))) - 1
    chosen = _value(parameters, "Select", "Selection", 0)
    method = METHODS.index(chosen) if chosen in METHODS else int(chosen)
    with os.fdopen(answers, "wb") as pipe:
        serve(
            Asked(_survey(parameters), _input(parameters), methods[method]),
            sys.stdin.buffer,
            pipe,
            networks=fault_networks(None, accuracy=accuracies[min(max(accuracy, 0), 2)]),
            cache=cache_in(cache, CACHE_BYTES),
            threads=os.cpu_count() or 1,
            say=lambda line: _say(f"graben: {line}"),
        )


def _value(parameters: dict[str, Any], name: str, key: str, default: object) -> Any:  # noqa: ANN401
    """Return what the user set, by itself or within its description."""
    given = parameters.get(name, default)
    return given.get(key, default) if isinstance(given, dict) else given


def _survey(parameters: dict[str, Any]) -> Path:
    """Return the survey folder: what is said of the disk is that folder, or the data root around it."""
    place = Path(str(parameters.get("SurveyDiskLocation", "")))
    within = place / str(parameters.get("Survey", ""))
    return within if (within / ".survey").is_file() else place


def _input(parameters: dict[str, Any]) -> str:
    """Return the name of the first input."""
    names = parameters.get("InputNames") or parameters.get("Input") or ""
    return str(names[0] if isinstance(names, list) and names else names)


def _say(line: str) -> None:
    """Write a line where OpendTect logs it."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
