"""Which user of this machine is at the other end of a connection, where its kernel tells: Linux does."""

import os
import sys
from pathlib import Path
from socket import inet_aton

TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
"""Of all connections: number, this end, other end, and, as the eighth word, the user of this end."""

Address = tuple[str, int]
"""IPv4 address and port."""


def is_another_users(peer: Address, here: Address) -> bool:
    """Tell whether a connection on this machine is known to be another user's.

    The administrator, who can read everything, is not counted as another one.
    """
    user = user_of(peer, here)
    return user is not None and user not in (0, os.getuid())


def user_of(peer: Address, here: Address) -> int | None:
    """Return the number of the user who connected from ``peer`` to ``here``, None where nobody knows."""
    ends = [[_written(each, mapped=mapped) for each in (peer, here)] for mapped in (False, True)]
    for table in TABLES:
        try:
            lines = table.read_text().splitlines()
        except OSError:  # other systems have none
            continue
        for words in map(str.split, lines[1:]):
            if words[1:3] in ends:
                return int(words[7])
    return None


def _written(address: Address, *, mapped: bool) -> str:
    """Return an end as the kernel writes it: words of four bytes in the order of this machine."""
    packed = inet_aton(address[0])
    if mapped:  # a program that speaks IPv6 has it so
        packed = bytes(10) + b"\xff\xff" + packed
    words = [int.from_bytes(packed[k : k + 4], sys.byteorder) for k in range(0, len(packed), 4)]
    return "".join(f"{word:08X}" for word in words) + f":{address[1]:04X}"
