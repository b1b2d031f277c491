"""A survey that is broken, or changed since its scan, leaves nothing that passes for a result."""

from pathlib import Path

import pytest

from storage.errors import SegyError
from storage.volume import attributes_of
from tasks.ingest import ingest
from tasks.scan import scan_survey
from tests.broken_surveys import BROKEN
from tests.surveys import PLAIN, write_segy
from tests.tasks.volume_runs import IDENTITY, run


@pytest.mark.parametrize("name", BROKEN)
def test_nothing_is_written_for_a_broken_file(tmp_path: Path, name: str) -> None:
    make, says = BROKEN[name]
    path = make(tmp_path / "broken.sgy")
    with pytest.raises(SegyError, match=says):
        run(path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_file_that_lost_traces_since_its_scan_is_refused(tmp_path: Path) -> None:
    path = write_segy(tmp_path / "made.sgy", PLAIN())
    survey = scan_survey(path)
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(SegyError, match="the file ends within trace"):
        ingest(survey, tmp_path / "volume.zarr", identity=IDENTITY)
    assert attributes_of(tmp_path / "volume.zarr")["complete"] is False


def test_a_file_that_was_written_while_it_was_read_makes_no_volume(tmp_path: Path) -> None:
    path = write_segy(tmp_path / "made.sgy", PLAIN())
    survey = scan_survey(path)
    other = bytearray(path.read_bytes())
    other[-1] ^= 1  # the same size, and another sample
    path.write_bytes(other)
    with pytest.raises(SegyError, match="changed while it was read"):
        ingest(survey, tmp_path / "volume.zarr", identity=IDENTITY)
    assert attributes_of(tmp_path / "volume.zarr")["complete"] is False
