"""Somebody of IT at the console: has a device do something, and waits for what comes of it."""

import html
import re
from typing import NamedTuple

from bench.office.clerk import ClerkClient
from bench.office.stage import wait_for


class Answer(NamedTuple):
    """What the device's page says of its latest errand. `picture` is a JPEG, where there is one."""

    is_done: bool
    text: str
    picture: bytes


def ask(clerk: ClerkClient, device: str, kind: str, limit_s: float = 20) -> Answer:
    """Ask on a device's page.

    Raises:
        TimeoutError: nothing came of it in time.
    """
    known = f'href="/fleet/device/{device}"'.encode()
    wait_for(lambda: known in clerk.get("fleet"), f"{device} to be listed", limit_s)
    clerk.post("fleet/errand", device=device, kind=kind, sure="1")
    return answer(clerk, device, kind, limit_s)


def answer(clerk: ClerkClient, device: str, kind: str, limit_s: float) -> Answer:
    """Wait for what comes of a device's latest errand."""
    found: list[Answer] = []

    def is_over() -> bool:
        page = clerk.get(f"fleet/device/{device}").decode()
        part = page.partition('<section class="notice">')[2].partition("</section>")[0]
        how = re.search(r"· (hecho|FALLÓ|no se hizo a tiempo) ·", part)
        if how is None:
            return False
        text = re.search(r"<pre>(.*?)</pre>", part, re.DOTALL)
        shown = re.search(r"/(fleet/picture/\d+)", part)
        picture = clerk.get(shown[1]) if shown else b""
        found.append(Answer(how[1] == "hecho", html.unescape(text[1]) if text else "", picture))
        return True

    wait_for(is_over, f"{device} to answer ({kind})", limit_s)
    return found[0]
