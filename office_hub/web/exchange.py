"""What a page or a device posts, and the engine's answer to it."""

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ANSWER_S = 5.0
MAX_BODY_BYTES = 64 * 1024
HEADERS = {
    b"content-security-policy": b"default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; form-action 'self';"
    b" base-uri 'none'",
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cache-control": b"no-store",
}


async def read_body(request: Request) -> bytes:
    """What was posted, as far as it is of a size that is expected.

    Raises:
        HTTPException: 413, it is larger; the rest is not read.
    """
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BODY_BYTES:
            raise HTTPException(413)
    return bytes(body)


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a posted form that were filled in. Lines end as everywhere else."""
    posted = parse_qs((await read_body(request)).decode(errors="replace"))
    return {name: values[0].replace("\r\n", "\n") for name, values in posted.items()}


async def answer_of(submit: Callable[[Callable[[Any], None]], None]) -> Any:
    """Hand over work; what the engine's thread then says, here.

    Args:
        submit: Gets the function that the answer goes to, which may be called in any thread.

    Raises:
        TimeoutError: no answer in time.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Any] = loop.create_future()

    def reply(said: Any) -> None:
        loop.call_soon_threadsafe(lambda: None if answer.done() else answer.set_result(said))

    submit(reply)
    return await asyncio.wait_for(answer, ANSWER_S)


def with_headers(app: ASGIApp) -> ASGIApp:
    """An application whose answers say what a browser may do with them."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *((name, value) for name, value in HEADERS.items() if name not in present),
                ]
            await send(message)

        await app(scope, receive, send_with_headers)

    return wrapped
