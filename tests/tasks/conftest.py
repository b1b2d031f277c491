"""The wide survey and one whole run over it: read by several modules, written by none."""

from pathlib import Path

import pytest

from tests.surveys import Form, write_segy
from tests.tasks.volume_runs import TIGHT, run, wide_traces


@pytest.fixture(scope="session")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_segy(tmp_path_factory.mktemp("wide") / "wide.sgy", wide_traces(), Form(code=1))


@pytest.fixture(scope="session")
def clean(wide: Path) -> Path:
    """A whole run over several shards and tiles, undisturbed."""
    run(wide, wide.parent / "clean", memory=TIGHT)
    return wide.parent / "clean"
