"""The newest view of the office, pushed to every open console."""

import asyncio
from collections.abc import AsyncIterator

KEEPALIVE_S = 10.0


class Feed:
    """Many listeners, one newest value; a slow listener skips what it missed."""

    def __init__(self) -> None:
        self._newest = b""
        self._version = 0
        self._changed = asyncio.Event()

    def push(self, view: bytes) -> None:
        """A newer view; called in the event loop."""
        self._newest, self._version = view, self._version + 1
        self._changed.set()
        self._changed = asyncio.Event()

    async def events(self) -> AsyncIterator[bytes]:
        """The view now and each newer one, as server-sent events."""
        seen = -1
        while True:
            changed = self._changed
            if self._version != seen and self._newest:
                seen = self._version
                yield b"data: " + self._newest + b"\n\n"
                continue
            try:
                await asyncio.wait_for(changed.wait(), KEEPALIVE_S)
            except TimeoutError:
                yield b": still here\n\n"
