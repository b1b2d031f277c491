"""The settings of ``opendtect external-attribute-script``."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from flows.settings.reading import Settings
from flows.settings.values import Positional


class ExternalAttributeScript(Settings):
    """Write the script for OpendTect's External Attribute, which shows faults on any section there.

    In OpendTect: Attributes, External Attribute. Interpreter and Ex File are printed by this command; the
    input is a stored CBVS volume. The first section takes as long as its tiles; what was seen is kept.
    """

    script: Annotated[Path, Positional()] = Field(description="File to write, such as faults.py")
    cache: Path | None = Field(
        None,
        description="Folder for tiles that were predicted, 4 GB at most (default: ~/.cache/graben)",
    )
    overwrite: bool = Field(False, description="Replace a file that is there")
