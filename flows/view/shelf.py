"""Where pages lay what can be downloaded from them."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from secrets import token_urlsafe

MOST_BYTES = 1 << 28
"""Bytes that are kept, of all pages together: a picture of ten megapixels and its faults take a tenth."""


@dataclass
class Shelf:
    """What pages made for download, by names that cannot be guessed.

    Attributes
    ----------
    most
        Bytes beyond which what was laid there first goes; what was laid last stays, however much it is.
    """

    most: int = MOST_BYTES
    _laid: "OrderedDict[str, dict[str, bytes]]" = field(default_factory=OrderedDict)

    def lay(self, files: Mapping[str, bytes]) -> list[str]:
        """Keep files that belong together, name to content; return their addresses."""
        bundle = token_urlsafe(16)
        self._laid[bundle] = dict(files)
        while len(self._laid) > 1 and self.size > self.most:
            self._laid.popitem(last=False)
        return [f"download/{bundle}/{name}" for name in files]

    def clear(self, addresses: list[str]) -> None:
        """Keep no longer what has these addresses."""
        for address in addresses:
            self._laid.pop(address.split("/")[1], None)

    def get(self, place: str) -> bytes | None:
        """Return a file that is still kept, by its address without ``download/``."""
        bundle, _, name = place.partition("/")
        return self._laid.get(bundle, {}).get(name)

    @property
    def size(self) -> int:
        """Bytes that are kept."""
        return sum(len(each) for files in self._laid.values() for each in files.values())


@dataclass
class Spot:
    """One page's place on a shelf: what is laid there takes the place of what lay there."""

    shelf: Shelf
    _addresses: list[str] = field(default_factory=list)

    def lay(self, files: Mapping[str, bytes]) -> list[str]:
        """Keep files, name to content; return their addresses."""
        self.clear()
        self._addresses = self.shelf.lay(files)
        return self._addresses

    def clear(self) -> None:
        """Keep nothing."""
        self.shelf.clear(self._addresses)
        self._addresses = []
