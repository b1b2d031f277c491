"""The settings of ``opendtect check``."""

from typing import Annotated

from pydantic import Field

from flows.settings.reading import Settings
from flows.settings.values import Location, Positional


class OpendtectCheck(Settings):
    """Say what OpendTect's import wizard will show of a SEG-Y file, and what to choose where Next fails.

    Follows the rules of OpendTect's own reader; reads all trace headers and writes nothing.
    """

    survey: Annotated[Location, Positional()] = Field(description="SEG-Y file")
    json_: bool = Field(False, description="Print one JSON object instead of lines")
