"""The sheet of examples: beside the store, whole, with every example that it should show."""

from pathlib import Path

from flows.report.examples import write_sheet
from tasks.example_sheet import SHOWN, example_sheet
from tasks.synthesize import ExampleRecipe, synthesize


def test_a_sheet_lies_beside_its_store_and_needs_no_other_file(tmp_path: Path) -> None:
    synthesize(tmp_path / "cubes.zarr", ExampleRecipe(3, 3, (24, 20, 32), "varied", "all"))
    page = write_sheet(tmp_path / "cubes.zarr")
    assert page == tmp_path / "cubes.html"
    text = page.read_text(encoding="utf-8")
    assert text.count("data:image/png;base64,") == 2
    assert "preset varied" in text


def test_statistics_are_those_of_the_store(tmp_path: Path) -> None:
    count = SHOWN + 2
    synthesize(tmp_path / "none.zarr", ExampleRecipe(3, count, (40, 1, 32), "unfaulted"))
    sheet = example_sheet(tmp_path / "none.zarr")
    assert len(sheet.examples) == SHOWN
    assert sheet.facts["examples without a fault"] == count
    assert sheet.fault_shares == [0.0] * count
    assert sheet.throws.size == 0
    assert sheet.examples[0].amplitude.shape == (32, 40)
