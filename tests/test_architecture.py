"""The rules of the house: rooms, arrows, homes of heavy libraries, sizes, names."""

import ast
import importlib.util
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("flows", "tasks", "storage", "models", "deploy")

MAY_IMPORT = {
    "flows": {"flows", "tasks", "storage", "models", "deploy"},
    "tasks": {"tasks", "storage", "models"},
    "storage": {"storage"},
    "models": {"models"},
    "deploy": {"deploy"},
}

# Each heavy library has one home: modules whose dotted name begins so.
HOMES = {
    "prefect": (
        "flows.stages",
        "flows.map_faults",
        "flows.train_faults",
        "flows.compare_models",
        "flows.field_run",
        "flows.serve",
    ),
    "typer": ("flows.__main__", "flows.commands"),
    "rich": ("flows.terminal",),
    "pydantic": ("flows.settings", "flows.commands.options"),
    "pydantic_settings": ("flows.settings",),
    "pydantic_core": ("flows.settings",),
    "matplotlib": ("flows.report",),
    "dask": ("tasks", "deploy"),
    "distributed": ("tasks", "deploy", "flows.workers", "flows.place_wells", "flows.map_faults"),
    "zarr": (
        "storage.volume",
        "storage.layout",
        "storage.shards",
        "storage.examples",
        "storage.segy.group",
        "storage.segy.patch",
    ),
    "numcodecs": ("storage.shards",),
    "google_crc32c": ("storage.shards",),
    "fsspec": ("storage.locations",),
    "xarray": ("storage", "tasks.keep_out"),
    "segyio": ("storage.segy.fields",),
    "tensorflow": ("models.networks", "models.runtime.keras_graph"),
    "keras": ("models.networks", "models.runtime.keras_graph"),
    "onnx": ("models.networks.onnx_export",),
    "onnxruntime": ("models.runtime.onnx_graph",),
    "openvino": ("models.runtime.openvino_ir", "models.runtime.openvino_export"),
    "nncf": ("models.runtime.openvino_export",),
    "numba": (),  # only modules named kernels, see below
}

# From storage and models, flows take value types, errors, and looks at what lies at an output.
FLOWS_MAY_TAKE = {
    "storage.errors",
    "storage.locations",
    "storage.run_record",
    "storage.segy.checklist",
    "storage.segy.doctor.finding",
    "storage.segy.file_head",
    "storage.segy.lines",
    "storage.segy.scan",
    "storage.segy.source",
    "storage.store_state",
    "storage.volume",
    "models.errors",
}
OF_A_STORE = {"attributes_of", "is_complete", "volumes_of"}
"""What flows may ask of a store; its samples are for tasks."""


def modules() -> Iterator[tuple[str, Path, ast.Module]]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            relative = path.relative_to(ROOT).with_suffix("")
            yield ".".join(relative.parts), path, ast.parse(path.read_text(encoding="utf-8"))


def imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield node.module or ""


MODULES = list(modules())
NAMES = [name for name, _, _ in MODULES]


@pytest.mark.parametrize(("name", "tree"), [(n, t) for n, _, t in MODULES], ids=NAMES)
def test_imports_go_down_only(name: str, tree: ast.Module) -> None:
    room = name.split(".", maxsplit=1)[0]
    for imported in imports(tree):
        target = imported.split(".")[0]
        if target in ROOMS:
            assert target in MAY_IMPORT[room], f"{name} imports {imported}"
        assert target != "tests", f"{name} imports {imported}"


@pytest.mark.parametrize(("name", "tree"), [(n, t) for n, _, t in MODULES], ids=NAMES)
def test_heavy_libraries_stay_at_home(name: str, tree: ast.Module) -> None:
    for imported in imports(tree):
        library = imported.split(".")[0]
        if library == "numba":
            assert name.rsplit(".", maxsplit=1)[-1] == "kernels", f"{name} imports numba"
        elif library in HOMES:
            assert name.startswith(HOMES[library]), f"{name} imports {library}"


@pytest.mark.parametrize(("name", "tree"), [(n, t) for n, _, t in MODULES], ids=NAMES)
def test_flows_take_values_and_errors_only_from_below(name: str, tree: ast.Module) -> None:
    if name.startswith("flows"):
        below = {m for m in imports(tree) if m.split(".")[0] in ("storage", "models")}
        assert below <= FLOWS_MAY_TAKE, f"{name} imports {below - FLOWS_MAY_TAKE}"
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == "storage.volume":
                assert {alias.name for alias in node.names} <= OF_A_STORE, f"{name} reads a store"


@pytest.mark.parametrize(("name", "path"), [(n, p) for n, p, _ in MODULES], ids=NAMES)
def test_modules_are_small_and_say_what_they_are_for(name: str, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 300, f"{name} has outgrown its purpose"
    assert ast.get_docstring(ast.parse(text)), f"{name} does not say what it is for"
    assert path.stem not in {"utils", "helpers", "common", "misc", "base"}


def test_only_one_module_reads_the_environment() -> None:
    readers = {
        name
        for name, _, tree in MODULES
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    }
    # The server that a schedule needs inherits the environment whole.
    assert readers <= {"flows.settings.environment", "deploy.prefect_server"}


@pytest.mark.parametrize("room", ROOMS)
def test_the_rooms_are_found_here_and_no_other_distribution_claims_them(room: str) -> None:
    spec = importlib.util.find_spec(room)
    assert spec is not None
    assert Path(next(iter(spec.submodule_search_locations or ()))) == ROOT / room
    assert set(packages_distributions().get(room, [])) <= {"graben"}


@pytest.mark.parametrize(
    ("commands", "heavy"),
    [
        (("flows.place_wells", "flows.fault_run"), ("prefect", "tensorflow", "keras")),
        # What takes a second of work must not wait for libraries that it does without.
        (
            ("flows.convert", "flows.commands.segy"),
            ("prefect", "tensorflow", "keras", "dask", "distributed", "xarray", "scipy", "numba"),
        ),
    ],
)
def test_light_commands_load_no_heavy_libraries(
    commands: tuple[str, ...], heavy: tuple[str, ...]
) -> None:
    import subprocess

    code = (
        f"import sys, flows.__main__, {', '.join(commands)}\n"
        f"print([m for m in {heavy} if m in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert answer.stdout.strip() == "[]"
