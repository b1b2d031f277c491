"""Tickets, which let a browser in once: the key itself would stand on the browser's command line.

Command lines can be read by all users of a machine. A ticket that is read there is used up a moment later,
and where the kernel tells users apart it serves the server's own alone.
"""

import hmac
from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_hex

VALID_S = 300
"""Seconds in which a browser has to come up and ask."""


def sealed(key: str, purpose: str, text: str) -> str:
    """Return what only who knows the key can say of a text; for one purpose it tells nothing for another."""
    return hmac.new(key.encode(), f"{purpose} {text}".encode(), sha256).hexdigest()


def ticket(key: str, now: float) -> str:
    """Return a new ticket.

    Parameters
    ----------
    key
        Of the server that will take it.
    now
        In seconds since 1970.
    """
    made = f"{int(now)}.{token_hex(16)}"
    return f"{made}.{sealed(key, 'ticket', made)}"


@dataclass
class Tickets:
    """The tickets of a server.

    Attributes
    ----------
    key
        Of the server.
    """

    key: str
    _used: dict[str, int] = field(default_factory=dict)

    def take(self, given: str, now: float) -> bool:
        """Tell whether a ticket is good at a time, in seconds since 1970; it is no longer, afterwards."""
        made, _, seal = given.rpartition(".")
        if not hmac.compare_digest(seal.encode(), sealed(self.key, "ticket", made).encode()):
            return False
        since = int(made.partition(".")[0])
        self._used = {each: at for each, at in self._used.items() if now - at <= VALID_S}
        if abs(now - since) > VALID_S or given in self._used:
            return False
        self._used[given] = since
        return True
