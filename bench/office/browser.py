"""A headless browser for pictures of the console, over the WebDriver protocol; only where one is installed."""

import base64
import json
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bench.office.ports import free_ports

SWITCHES = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,900",
)
PHONE = {"width": 360, "height": 740, "pixelRatio": 2.0, "touch": True}
"""A small one of today."""
START_S = 20.0


def browser_programs() -> tuple[str, str] | None:
    """(browser, driver) when both are installed."""
    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    return (browser, driver) if browser and driver else None


class Browser:
    """One window. Use it in a `with`."""

    def __init__(self, programs: tuple[str, str], *, phone: bool = False) -> None:
        """Args:
        programs: Browser and driver.
        phone: The window is a phone's.
        """
        self._emulated = {"mobileEmulation": {"deviceMetrics": PHONE}} if phone else {}
        self._browser, self._driver_path = programs
        (self._port,) = free_ports(1)
        self._profile = tempfile.mkdtemp(prefix="antesala-browser-")
        self._session = ""
        self._driver: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._driver = subprocess.Popen(
            [self._driver_path, f"--port={self._port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        arguments = [*SWITCHES, f"--user-data-dir={self._profile}"]
        options = {"binary": self._browser, "args": arguments, **self._emulated}
        capabilities = {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": options}}
        deadline = time.monotonic() + START_S
        while True:
            try:
                answer = self._post("/session", {"capabilities": capabilities})
                break
            except urllib.error.URLError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        self._session = f"/session/{answer['sessionId']}"
        return self

    def __exit__(self, _kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        try:
            self._call("DELETE", self._session, None)
        except OSError:
            pass
        if self._driver is not None:
            self._driver.terminate()
            self._driver.wait(10)
        shutil.rmtree(self._profile, ignore_errors=True)

    def open(self, address: str) -> None:
        """Load a page."""
        self._post(f"{self._session}/url", {"url": address})

    def keys(self, text: str) -> None:
        """Type into whatever has the focus."""
        strokes = [{"type": kind, "value": char} for char in text for kind in ("keyDown", "keyUp")]
        actions = [{"type": "key", "id": "keyboard", "actions": strokes}]
        self._post(f"{self._session}/actions", {"actions": actions})

    def run(self, script: str) -> Any:
        """The value of a script in the page."""
        return self._post(f"{self._session}/execute/sync", {"script": script, "args": []})

    def picture(self, path: Path) -> None:
        """The window as PNG."""
        data = self._call("GET", f"{self._session}/screenshot", None)
        path.write_bytes(base64.b64decode(data))

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        return self._call("POST", path, json.dumps(body).encode())

    def _call(self, method: str, path: str, body: bytes | None) -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._port}{path}",
            data=body,
            method=method,
            headers={"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return json.loads(answer.read())["value"]
