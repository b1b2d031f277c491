"""The page server: on this machine alone, for who knows its key, which lies where its user alone can read."""

import hmac
import logging
import signal
from collections.abc import Callable, Mapping
from functools import partial
from importlib.resources import files
from time import monotonic, time
from typing import Any, NamedTuple
from urllib.parse import urlencode

from bokeh.application import Application
from bokeh.application.handlers.function import FunctionHandler
from bokeh.document import Document
from bokeh.server.auth_provider import AuthProvider
from bokeh.server.server import Server
from bokeh.util.token import get_token_payload
from tornado.web import HTTPError, RequestHandler

from flows.view.controls import notice
from flows.view.peer import is_another_users
from flows.view.running import HOST, proof
from flows.view.shelf import Shelf
from flows.view.tickets import Tickets
from flows.view.work import Workshop, in_one_line

logger = logging.getLogger(__name__)

LARGEST_MESSAGE = 1 << 29
"""Bytes that a page may send at once: a picture of a hundred megapixels."""

STRANGERS_MESSAGE = 1 << 16
"""Bytes that may be sent at once by who has not shown the key: what a page that says one line needs."""

LOOK_EVERY_S = 20

ENDS = (signal.SIGINT, signal.SIGTERM)


class Staff(NamedTuple):
    """Who works for the pages: a search for wells takes minutes, and no section waits for it."""

    sections: Workshop
    wells: Workshop


PageMaker = Callable[[Document, Mapping[str, str], Shelf, Staff], None]
"""Fills a document for what its address says."""


class _Download(RequestHandler):
    """Hands out what lies on the shelf."""

    def initialize(self, shelf: Shelf) -> None:
        self.shelf = shelf

    def get(self, place: str) -> None:
        content = self.shelf.get(place)
        if content is None:
            raise HTTPError(404, "it is no longer kept; make it again")
        name = place.rsplit("/", maxsplit=1)[-1]
        self.set_header("Content-Type", "application/octet-stream")
        self.set_header("Content-Disposition", f'attachment; filename="{name}"')
        self.finish(content)


class _Proof(RequestHandler):
    """Proves to who knows the key that this is the server that has it, without saying it."""

    def initialize(self, key: str) -> None:
        self.key = key

    def get(self) -> None:
        self.finish(proof(self.key, self.get_argument("nonce", "")))


class _Entrance(RequestHandler):
    """Shows a browser that was started with a ticket, by the user of this server, to its page."""

    def initialize(self, tickets: Tickets) -> None:
        self.tickets = tickets

    def get(self) -> None:
        ends = self.request.connection.stream.socket
        self.set_header("Cache-Control", "no-store")
        asked = _words(self.request.query_arguments)
        given = asked.pop("ticket", "")
        if is_another_users(ends.getpeername(), ends.getsockname()):
            self._refuse("This page is another user's.")
        elif self.tickets.take(given, time()):
            self.redirect(f"/?{urlencode({'key': self.tickets.key, **asked})}")
        else:
            self._refuse(
                "This address works once: press OpendTect's button or start 'graben view' again."
            )

    def _refuse(self, line: str) -> None:
        self.set_status(403)
        self.set_header("Content-Type", "text/plain")
        self.finish(line)


class _Guard(AuthProvider):
    """Lets everybody in, as a page says what is missing to who has no key, but not everybody send much."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__()

    @property
    def get_user(self) -> Callable[[RequestHandler], str]:
        """Called for each page, and when its connection is there, before anything is received."""
        return self._look

    @property
    def login_url(self) -> str:
        """Bokeh wants one, though nobody is sent there."""
        return "/"

    def _look(self, handler: RequestHandler) -> str:
        connection = getattr(handler, "ws_connection", None)
        if connection is not None and _knows(self.key, _of_token(handler)):
            connection.params.max_message_size = LARGEST_MESSAGE
        return "somebody"


def serve(
    make: PageMaker,
    port: int,
    key: str,
    ready: Callable[[], None],
    *,
    idle_s: float | None,
    sections: bool = True,
) -> None:
    """Serve pages until a signal ends it.

    Parameters
    ----------
    make
        Makes a page.
    port
        To listen on.
    key
        Without which there is no page.
    ready
        Called when the server listens.
    idle_s
        Seconds without an open page after which it ends; None: never.
    sections
        Whether the first page is likely to be one of sections, whose networks are loaded before.

    Raises
    ------
    OSError
        If the port is taken.
    """
    staff, shelf = Staff(Workshop(), Workshop()), Shelf()
    origins = [f"{host}:{port}" for host in (HOST, "localhost")]
    server = Server(
        {"/": Application(FunctionHandler(partial(_page, make, key, shelf, staff)))},
        port=port,
        address=HOST,
        allow_websocket_origin=origins,
        websocket_max_message_size=STRANGERS_MESSAGE,  # the guard allows more
        http_server_kwargs={"max_body_size": STRANGERS_MESSAGE},
        auth_provider=_Guard(key),
        ico_path=str(files("flows.view") / "data" / "icon.png"),
        extra_patterns=[
            (r"/download/([\w-]+/[\w.-]+)", _Download, {"shelf": shelf}),
            (r"/graben", _Proof, {"key": key}),
            (r"/enter", _Entrance, {"tickets": Tickets(key)}),
        ],
    )
    loop = server.io_loop.asyncio_loop
    try:
        for (
            each
        ) in ENDS:  # an exception that a handler raises is lost where a destructor runs just then
            loop.add_signal_handler(each, server.io_loop.stop)
        server.start()
        ready()
        if sections:
            from tasks.section_work import (
                load_networks,
            )  # which takes seconds, and wells do without

            staff.sections.ask(load_networks)
        if idle_s is not None:
            _end_unused(server, idle_s)
        server.io_loop.start()
    finally:
        for workshop in staff:
            workshop.close()
        server.stop()
        for number in ENDS:
            loop.remove_signal_handler(number)


def _end_unused(server: Server, idle_s: float) -> None:
    """End the server when no page has been open for a while."""
    used = [monotonic()]

    def look() -> None:
        if server.get_sessions():
            used[0] = monotonic()
        elif monotonic() - used[0] > idle_s:
            server.io_loop.stop()
            return
        server.io_loop.call_later(min(LOOK_EVERY_S, idle_s), look)

    server.io_loop.call_later(min(LOOK_EVERY_S, idle_s), look)


def _page(make: PageMaker, key: str, shelf: Shelf, staff: Staff, document: Document) -> None:
    """Make a page; whatever goes wrong is one line on it."""
    context: Any = document.session_context
    asked = _words(context.request.arguments if context else {})
    try:
        if not _knows(key, asked):
            line = "This page opens from OpendTect's button or with 'graben view', which know its key."
            _notice(document, line)
            return
        make(document, asked, shelf, staff)
    except Exception as error:  # a blank page tells nobody anything
        document.clear()
        _notice(document, in_one_line(error))


def _words(arguments: Mapping[str, list[bytes]]) -> dict[str, str]:
    """Return what an address says behind its question mark, the last of each name."""
    return {
        name: values[-1].decode(errors="replace") for name, values in arguments.items() if values
    }


def _of_token(handler: RequestHandler) -> dict[str, str]:
    """Return what the address said of the page that a connection belongs to, or else its own does."""
    token = handler.request.headers.get("Sec-WebSocket-Protocol", "").split(",")[-1].strip()
    try:
        return _words(get_token_payload(token).get("arguments", handler.request.arguments))
    except Exception:  # anything may stand there; then Bokeh refuses it
        return {}


def _knows(key: str, asked: Mapping[str, str]) -> bool:
    return hmac.compare_digest(asked.get("key", "").encode(), key.encode())


def _notice(document: Document, line: str) -> None:
    document.title = "Faults"
    document.add_root(notice(line))
