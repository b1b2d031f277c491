"""Names of objects that a table can hold, and of their files that every system takes."""

import re

LONGEST = 200
"""Bytes of a file's name that are the object's; systems take 255, and endings and counts come behind."""


def object_name(wanted: str) -> str:
    r"""Return a name that a table can hold: signs that mean something else in it become ``_``.

    A line that begins with ``!``, ``--``, ``@``, ``$`` or ``#`` names no object, and ``\`` hides the colon
    that ends a name.
    """
    plain = re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", wanted).strip()
    return re.sub(r"^(--|[!@$#])+|[\\\ud800-\udfff]", "_", plain) or "_"


def file_base(name: str) -> str:
    """Return a file's name without ending that every system takes."""
    plain = re.sub(r"\W+", "_", name).strip("_")[:100]
    return plain.encode()[:LONGEST].decode(errors="ignore") or "object"
