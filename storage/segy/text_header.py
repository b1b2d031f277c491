"""Text headers as people read them; the bytes of the file stay the truth."""

COLUMNS = 80


def text_lines(raw: bytes) -> list[str]:
    """Return a text header as lines for people, from EBCDIC or ASCII, whichever reads better."""
    decoded = max((raw.decode("cp037"), raw.decode("latin-1")), key=_plainness)
    rows = [decoded[start : start + COLUMNS].rstrip() for start in range(0, len(decoded), COLUMNS)]
    return ["".join(c if c.isprintable() else "." for c in row) for row in rows]


def _plainness(text: str) -> int:
    return sum(c.isascii() and (c.isalnum() or c == " ") for c in text)
