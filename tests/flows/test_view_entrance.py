"""Who gets to a page: its own user, by a ticket or the key; nobody by what stands on command lines."""

import asyncio
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import pytest
from bokeh.client import pull_session
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClosedError, websocket_connect

from flows.view.peer import TABLES, user_of
from flows.view.running import Running, proof
from flows.view.server import STRANGERS_MESSAGE
from flows.view.tickets import VALID_S, Tickets, ticket
from tests.flows.running import let_in, serving

KEY = "k" * 32
NOBODY = 65534
NOW = 1_800_000_000.0

ASK = """
import encodings.idna, os, socket, sys
user, port, path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
os.setgid(user)
os.setuid(user)  # who may read no module any more
with socket.create_connection(("127.0.0.1", port), 30) as server:
    server.sendall(b"GET " + os.fsencode(path) + b" HTTP/1.0\\r\\n\\r\\n")
    while part := server.recv(4096):
        os.write(1, part)
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The page server, of wells, as it begins without networks."""
    home, patch = tmp_path_factory.mktemp("server"), pytest.MonkeyPatch()
    patch.setenv("TMPDIR", str(home))
    log = home / "log.txt"
    with serving("view", "--wells", "--no-browser", home=home, log=log):
        deadline = time.monotonic() + 60
        while not (found := re.search(r"http://\S+", log.read_text())):
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        parts = urlsplit(found[0])
        assert parts.port is not None
        yield Running(parts.port, parse_qs(parts.query)["key"][0])
    patch.undo()


def test_a_ticket_is_good_once_and_soon() -> None:
    tickets, given = Tickets(KEY), ticket(KEY, NOW)
    assert not Tickets("another key").take(given, NOW)
    assert not tickets.take(given, NOW + VALID_S + 1)
    assert tickets.take(given, NOW + VALID_S - 1)
    assert not tickets.take(given, NOW + VALID_S - 1)
    assert not tickets.take(given, NOW)
    assert tickets.take(ticket(KEY, NOW), NOW)


@pytest.mark.parametrize("given", ["", ".", "..", "1.2.3", f"{NOW:.0f}.ab.", "\N{SNOWMAN}.x.y"])
def test_what_is_no_ticket_lets_nobody_in(given: str) -> None:
    assert not Tickets(KEY).take(given, NOW)


def test_no_ticket_can_be_made_of_what_the_server_proves_to_everybody() -> None:
    for nonce in (f"{NOW:.0f}.ab", f"ticket {NOW:.0f}.ab", f"{NOW:.0f}.ab ticket"):
        made = nonce.removeprefix("ticket ")
        assert not Tickets(KEY).take(f"{made}.{proof(KEY, nonce)}", NOW)


def test_the_browser_is_started_without_the_key_and_gets_to_the_page_once(server: Running) -> None:
    entrance = server.entrance(wells="1", open="/a map/of \N{LATIN SMALL LETTER E WITH ACUTE}.txt")
    assert server.key not in entrance
    address = let_in(entrance)
    assert urlsplit(address).port == server.port
    assert address == server.address(
        wells="1", open="/a map/of \N{LATIN SMALL LETTER E WITH ACUTE}.txt"
    )
    with pytest.raises(HTTPError, match="403") as refused:
        urlopen(entrance)
    assert b"works once" in refused.value.read()


@pytest.mark.skipif(
    not TABLES[0].exists() or os.getuid() != 0, reason="only root can be another user, on Linux"
)
def test_another_user_gets_in_by_no_ticket_and_does_not_use_it_up(server: Running) -> None:
    entrance = server.entrance(wells="1")
    path = entrance.removeprefix(f"http://127.0.0.1:{server.port}")
    command = [sys.executable, "-I", "-c", ASK, str(NOBODY), str(server.port), path]
    told = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    assert " 403 " in told.splitlines()[0]
    assert told.endswith("This page is another user's.")
    assert server.key not in told
    assert let_in(entrance) == server.address(wells="1")


@pytest.mark.skipif(not TABLES[0].exists(), reason="only Linux tells")
@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_the_kernel_tells_who_is_at_the_other_end(
    family: socket.AddressFamily,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        here = listening.getsockname()
        host = "::ffff:127.0.0.1" if family == socket.AF_INET6 else "127.0.0.1"
        with socket.socket(family) as calling:
            calling.connect((host, here[1]))
            answering, peer = listening.accept()
            with answering:
                assert user_of(peer, here) == os.getuid()
                assert user_of(("127.0.0.2", peer[1]), here) is None


def send(server: Running, key: str, size: int) -> int | None:
    """Send a page's server a first part of so many bytes, then what is no message; return how it ends."""
    with urlopen(
        server.address() if key == server.key else f"http://127.0.0.1:{server.port}/?key={key}"
    ) as page:
        (token,) = set(re.findall(r'"token":"([^"]+)"', page.read().decode()))

    async def talk() -> int | None:
        request = HTTPRequest(
            f"ws://127.0.0.1:{server.port}/ws",
            headers={"Origin": f"http://127.0.0.1:{server.port}"},
        )
        there = await websocket_connect(request, subprotocols=["bokeh", token])
        try:
            for _ in ("header", "metadata", "content"):  # of the server's first word
                assert await there.read_message() is not None
            with suppress(WebSocketClosedError):
                for part in ("x" * size, "{}", "{}"):
                    await there.write_message(part)
            while await there.read_message() is not None:
                pass
            code: int | None = there.close_code
            return code
        finally:
            there.close()

    return asyncio.run(asyncio.wait_for(talk(), 60))


NOT_TAKEN = (1009, None)
"""What a connection ends with of which too much was sent, and what is left of that where it is cut."""

NO_MESSAGE = 10000
"""What Bokeh ends a connection with when all has arrived and means nothing."""


def test_who_has_not_shown_the_key_cannot_send_much(server: Running) -> None:
    assert send(server, "0", STRANGERS_MESSAGE // 2) == NO_MESSAGE
    assert send(server, "0", 2 * STRANGERS_MESSAGE) in NOT_TAKEN
    assert send(server, server.key, 64 * STRANGERS_MESSAGE) == NO_MESSAGE


def test_a_page_that_has_shown_the_key_sends_as_much_as_a_picture_is(server: Running) -> None:
    address, sent = f"http://127.0.0.1:{server.port}", "a" * 8 * STRANGERS_MESSAGE
    there = pull_session(url=address, arguments={"key": server.key, "wells": "1"})
    try:
        there.document.get_model_by_name("folder").value = sent
        there.force_roundtrip()
        again = pull_session(url=address, session_id=there.id)
        again.close()
        assert again.document.get_model_by_name("folder").value == sent
    finally:
        there.close()
