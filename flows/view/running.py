"""The page server that runs already: where it listens, and a way to be sure that it is ours.

What is known of it lies in a folder of the system's temporary one that its user alone can read: other users
of the machine reach its port, but no page of it.
"""

import json
import os
import stat
import tempfile
import urllib.request
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from secrets import token_hex
from time import time
from urllib.parse import urlencode

from flows.view.tickets import sealed, ticket
from storage.errors import InputError
from storage.locations import write_text

HOST = "127.0.0.1"

ANSWER_S = 3


@dataclass(frozen=True, slots=True)
class Running:
    """A page server.

    Attributes
    ----------
    port
        On this machine.
    key
        Without which it shows nothing.
    """

    port: int
    key: str

    def address(self, **asked: str) -> str:
        """Return the address of a page."""
        return f"http://{HOST}:{self.port}/?{urlencode({'key': self.key, **asked})}"

    def entrance(self, **asked: str) -> str:
        """Return an address that leads to that of a page, once: other users may see it."""
        words = urlencode({"ticket": ticket(self.key, time()), **asked})
        return f"http://{HOST}:{self.port}/enter?{words}"


def proof(key: str, nonce: str) -> str:
    """Return what only who knows the key can answer."""
    return sealed(key, "proof", nonce)


def record() -> Path:
    """Return the path of what is known of the server of this user.

    Raises
    ------
    InputError
        If somebody else could read or change it.
    """
    user = os.getuid() if hasattr(os, "getuid") else 0
    folder = Path(tempfile.gettempdir()) / f"graben-view-{user}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    ours = not hasattr(os, "getuid") or (
        stat.S_ISDIR(found.st_mode) and found.st_uid == user and not found.st_mode & 0o077
    )
    if not ours:
        raise InputError(folder, "it is not a folder of yours alone", "Remove it and try again.")
    return folder / "server.json"


def remember(running: Running) -> None:
    """Let later calls find this server."""
    write_text(record(), json.dumps(asdict(running)))


def forget(running: Running) -> None:
    """Let nobody look for this server any more; another one's record stays."""
    if remembered() == running:
        record().unlink(missing_ok=True)


def remembered() -> Running | None:
    """Return the server that was started last, whether it still runs or not."""
    with suppress(FileNotFoundError, ValueError, TypeError, KeyError):
        known = json.loads(record().read_text(encoding="utf-8"))
        return Running(int(known["port"]), str(known["key"]))
    return None


def answering() -> Running | None:
    """Return the server that was started last, if it answers and proves that it has its key."""
    running, nonce = remembered(), token_hex(16)
    if running is None:
        return None
    question = f"http://{HOST}:{running.port}/graben?nonce={nonce}"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(question, timeout=ANSWER_S) as answer:
            told = answer.read(200).decode(errors="replace")
    except (OSError, ValueError):
        return None
    return running if told == proof(running.key, nonce) else None
