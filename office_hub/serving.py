"""How a hub listens, answers, and shows the service manager that it lives."""

import asyncio
import socket
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from office_hub.config import HubConfig
from officelib.errors import KnownError
from officelib.supervision import Supervision

SHUTDOWN_S = 1
WATCH_S = 0.5
BACKLOG = 1024
"""Connections that wait to be taken: a surge comes within seconds."""


def sockets_of(config: HubConfig) -> list[socket.socket]:
    """The console's, and that of the tickets' pages where there are any.

    Raises:
        KnownError: something else listens there.
    """
    sockets = [_listening(config.web_host, config.web_port, "web_port")]
    if config.page_port:
        sockets.append(_listening(config.page_host, config.page_port, "page_port"))
    return sockets


def _listening(host: str, port: int, key: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise KnownError(
            f"{host}:{port}: {error}", where=f"key '{key}'", mend="Choose a port that nothing else has."
        ) from error


def by_port(console: ASGIApp, pages: ASGIApp, page_port: int) -> ASGIApp:
    """What citizens reach is never the console, whatever they ask for: the socket decides."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        at_pages = scope["server"][1] == page_port
        await (pages if at_pages else console)(scope, receive, send)

    return app


def server_of(app: ASGIApp) -> uvicorn.Server:
    """A web server that ends within a second."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            log_level="warning",
            lifespan="off",
            timeout_graceful_shutdown=SHUTDOWN_S,
            server_header=False,
        )
    )


async def watch(supervision: Supervision, is_well: Callable[[], bool], status: str) -> None:
    """Tells the service manager for as long as this loop goes round and the work behind it goes on."""
    while True:
        if is_well():
            supervision.ready(status)
            supervision.fed()
        await asyncio.sleep(WATCH_S)
