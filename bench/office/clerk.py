"""A clerk at a console, over the same HTTP as a browser."""

import http.client
import json
import secrets
import time
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from typing import Any

RETRY_S = 0.3
GIVE_UP_S = 20.0


class ClerkClient:
    """Signs in at a counter and posts commands, each with one id until it is answered."""

    def __init__(self, console: str, clerk: str, pin: str, counter: str) -> None:
        self._console, self._counter = console, counter
        self._cookies = CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._cookies))
        self._sign_in = {"clerk": clerk, "pin": pin, "counter": counter}

    def sign_in(self) -> None:
        """Take the counter.

        Raises:
            PermissionError: the hub refused.
        """
        page = self._patiently(lambda: self._post("sign-in", urllib.parse.urlencode(self._sign_in).encode()))
        if b"data-boot" not in page:
            raise PermissionError(f"clerk {self._sign_in['clerk']} was not let in")

    def do(self, action: str, **more: Any) -> dict[str, Any]:
        """Post a command; the answer, with `mono_ms`: when it was asked."""
        body = {"request": secrets.token_hex(8), "command": {"action": action, "counter": self._counter, **more}}
        asked_ms = time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
        text = self._patiently(lambda: self._post("api/command", json.dumps(body).encode(), "application/json"))
        answer: dict[str, Any] = json.loads(text)
        return {**answer, "mono_ms": asked_ms}

    def view(self) -> dict[str, Any]:
        """The office as the console shows it now."""

        def first_event() -> bytes:
            with self._opener.open(self._console + "events", timeout=5) as stream:
                for line in stream:
                    if line.startswith(b"data: "):
                        return bytes(line[6:])
            raise ConnectionError("no event")

        view: dict[str, Any] = json.loads(self._patiently(first_event))
        return view

    def offices(self) -> list[dict[str, Any]]:
        """Where else a citizen can be sent now."""
        found: list[dict[str, Any]] = json.loads(self.get("api/offices"))
        return found

    def edit(self, page: str, **fields: str) -> None:
        """Fill in a form of the office's pages and save it.

        Raises:
            PermissionError: nothing was saved.
        """
        with self._opener.open(self._console + page, timeout=5) as answer:
            shown = answer.read().decode()
        revision = shown.rpartition('name="revision" value="')[2].partition('"')[0]
        saved = self._post(page, urllib.parse.urlencode({**fields, "revision": revision}).encode())
        if b'class="done"' not in saved:
            raise PermissionError(f"{page} was not saved")

    def get(self, page: str) -> bytes:
        """A page, as it came."""

        def asked() -> bytes:
            with self._opener.open(self._console + page, timeout=5) as answer:
                return bytes(answer.read())

        return self._patiently(asked)

    def post(self, page: str, **fields: str) -> str:
        """Fill in a form; the page that comes after it."""
        return self._post(page, urllib.parse.urlencode(fields).encode()).decode()

    def open_stream(self) -> http.client.HTTPResponse:
        """One more open console: its stream of views."""
        stream: http.client.HTTPResponse = self._opener.open(self._console + "events", timeout=30)
        return stream

    def mine(self) -> dict[str, Any] | None:
        """The ticket at this counter, as the newest view has it; views are at most a tenth of a second old."""
        counter = next(c for c in self.view()["counters"] if c["id"] == self._counter)
        ticket: dict[str, Any] | None = counter["ticket"]
        return ticket

    def _post(self, path: str, body: bytes, kind: str = "application/x-www-form-urlencoded") -> bytes:
        request = urllib.request.Request(  # noqa: S310 (our own console)
            self._console + path, data=body, headers={"content-type": kind}
        )
        with self._opener.open(request, timeout=5) as answer:
            return bytes(answer.read())

    def _patiently(self, ask: Any) -> bytes:
        """Ask until there is an answer: the hub may be starting again."""
        deadline = time.monotonic() + GIVE_UP_S
        while True:
            try:
                return bytes(ask())
            except urllib.error.HTTPError as error:
                if error.code < 500 or time.monotonic() > deadline:
                    raise
            except (OSError, http.client.HTTPException):
                if time.monotonic() > deadline:
                    raise
            time.sleep(RETRY_S)
