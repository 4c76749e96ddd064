"""A citizen's phone: opens the address on a paper, and stays on its page."""

import re
import threading
import urllib.request

STATE = re.compile(r'data-state="([a-z]+)"')
LIMIT_S = 30.0


class Phone:
    """A page that is open, and what it was told since."""

    def __init__(self, address: str) -> None:
        """`address` is what the paper's QR says."""
        scheme, rest = address.split("://", 1)
        self.url = f"{scheme.lower()}://{rest}"
        self.html = self._get(self.url)
        self.states: list[str] = []
        self._told = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    @property
    def state(self) -> str:
        """What the page said when it was opened."""
        found = STATE.search(self.html)
        return found[1] if found else ""

    def hears(self, state: str, limit_s: float) -> bool:
        """Whether the page is told of a state in time."""
        for _ in range(100):
            if state in self.states:
                return True
            self._told.wait(limit_s / 100)
            self._told.clear()
        return state in self.states

    def _follow(self) -> None:
        live = re.search(r'data-live="([^"]+)"', self.html)
        if live is None:
            return
        host = "/".join(self.url.split("/", 3)[:3])
        try:
            with urllib.request.urlopen(host + live[1].replace("&amp;", "&"), timeout=LIMIT_S) as lines:  # noqa: S310
                for line in lines:
                    found = STATE.search(line.decode())
                    if found:
                        self.states.append(found[1])
                        self._told.set()
        except OSError:
            return

    def _get(self, url: str) -> str:
        with urllib.request.urlopen(url, timeout=LIMIT_S) as page:  # noqa: S310 (the demonstration's own)
            return str(page.read().decode())
