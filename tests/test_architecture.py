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
        "flows.prefect_ahead",
    ),
    "typer": ("flows.__main__", "flows.commands"),
    "rich": ("flows.terminal",),
    "pydantic": ("flows.settings", "flows.commands.options"),
    "pydantic_settings": ("flows.settings",),
    "pydantic_core": ("flows.settings",),
    "matplotlib": ("flows.report",),
    "bokeh": ("flows.view",),
    "tornado": ("flows.view",),
    "dask": ("tasks", "deploy"),
    "distributed": (
        "tasks",
        "deploy",
        "flows.workers",
        "flows.place_wells",
        "flows.well_verification",
        "flows.wells_in_tiles",
        "flows.map_faults",
    ),
    "zarr": (
        "storage.volume",
        "storage.layout",
        "storage.shards",
        "storage.examples",
        "storage.map_store",
        "storage.segy.group",
        "storage.segy.patch",
    ),
    "numcodecs": ("storage.shards",),
    "google_crc32c": ("storage.shards",),
    "fsspec": ("storage.locations",),
    "xarray": ("storage", "tasks.keep_out"),
    "segyio": ("storage.segy.fields",),
    "odbind": ("storage.opendtect.odbind",),
    "shapefile": ("storage.polygons",),
    "tensorflow": ("models.networks", "models.runtime.keras_graph"),
    "keras": ("models.networks", "models.runtime.keras_graph"),
    "onnx": ("models.networks.onnx_export",),
    "onnxruntime": ("models.runtime.onnx_graph",),
    "openvino": ("models.runtime.openvino_ir", "models.runtime.openvino_export"),
    "nncf": ("models.runtime.openvino_export",),
    "PIL": ("storage.pictures",),
    "rasterio": ("storage.maps.geotiff",),
    "resfo": ("storage.maps.eclipse.results",),
    "numba": (),  # only modules named kernels, see below
}

# From storage and models, flows take value types, errors, and looks at what lies at an output.
FLOWS_MAY_TAKE = {
    "storage.cbvs.family",
    "storage.errors",
    "storage.geometry",
    "storage.locations",
    "storage.maps.chosen",
    "storage.opendtect.buttons",
    "storage.opendtect.data_root",
    "storage.opendtect.survey",
    "storage.run_record",
    "storage.segy.checklist",
    "storage.segy.doctor.finding",
    "storage.segy.file_head",
    "storage.segy.lines",
    "storage.segy.opendtect.head",
    "storage.segy.opendtect.keys",
    "storage.segy.opendtect.setup",
    "storage.segy.opendtect.view",
    "storage.segy.scan",
    "storage.segy.source",
    "storage.store_state",
    "storage.volume",
    "models.errors",
    "models.section_levels",
}
OF_A_STORE = {"attributes_of", "is_complete", "volumes_of"}
"""What flows may ask of a store; its samples are for tasks."""


LONGEST = 300
"""Lines of a module."""


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


def test_imports_go_down_only() -> None:
    wrong = [
        f"{name} imports {imported}"
        for name, _, tree in MODULES
        for imported in imports(tree)
        if not may_import(name.split(".", maxsplit=1)[0], imported.split(".")[0])
    ]
    assert wrong == []


def may_import(room: str, target: str) -> bool:
    return target in MAY_IMPORT[room] if target in ROOMS else target != "tests"


def test_heavy_libraries_stay_at_home() -> None:
    wrong = [
        f"{name} imports {imported}"
        for name, _, tree in MODULES
        for imported in imports(tree)
        if not is_at_home(name, imported.split(".")[0])
    ]
    assert wrong == []


def is_at_home(name: str, library: str) -> bool:
    if library == "numba":
        return name.rsplit(".", maxsplit=1)[-1] == "kernels"
    return library not in HOMES or name.startswith(HOMES[library])


def test_flows_take_values_and_errors_only_from_below() -> None:
    wrong = []
    for name, _, tree in MODULES:
        if name.startswith("flows"):
            below = {m for m in imports(tree) if m.split(".")[0] in ("storage", "models")}
            wrong += [f"{name} imports {each}" for each in below - FLOWS_MAY_TAKE]
            wrong += [
                f"{name} takes {each} of a store" for each in taken_of_stores(tree) - OF_A_STORE
            ]
    assert wrong == []


def taken_of_stores(tree: ast.Module) -> set[str]:
    return {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "storage.volume"
        for alias in node.names
    }


def test_modules_are_small_and_say_what_they_are_for() -> None:
    wrong = []
    for name, path, tree in MODULES:
        if len(path.read_text(encoding="utf-8").splitlines()) > LONGEST:
            wrong.append(f"{name} has outgrown its purpose")
        if not ast.get_docstring(tree):
            wrong.append(f"{name} does not say what it is for")
        if path.stem in {"utils", "helpers", "common", "misc", "base"}:
            wrong.append(f"{name} does not say it in its name")
    assert wrong == []


def test_only_one_module_reads_the_environment() -> None:
    readers = {
        name
        for name, _, tree in MODULES
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    }
    # The server that a schedule needs inherits the environment whole; TensorFlow is told its kernels where it
    # is imported, also on workers of another's cluster.
    assert readers <= {
        "flows.settings.environment",
        "deploy.prefect_server",
        "models.runtime.quiet",
    }


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
