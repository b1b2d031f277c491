"""The settings of ``opendtect fetch``."""

from typing import Annotated

from pydantic import Field

from flows.settings.reading import Settings
from flows.settings.values import LocalPath, Positional


class OpendtectFetch(Settings):
    """Copy a volume that OpendTect alone can read, such as a compressed one, to a CBVS file.

    OpendTect's own library does the reading: its Python module odbind must be importable (PYTHONPATH).
    """

    volume: Annotated[LocalPath, Positional()] = Field(
        description="OpendTect survey folder/name of volume"
    )
    out: Annotated[LocalPath, Positional()] = Field(description="CBVS file to write")
    overwrite: bool = Field(False, description="Replace a file that is there")
