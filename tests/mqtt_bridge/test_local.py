"""The unix socket between a bridge and its app."""

import queue
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.office.stage import wait_for
from mqtt_bridge import local
from mqtt_bridge.local import AppSocket
from officelib import inbound
from officelib.inbound import BridgeLink, LinkChanged, LogLine
from tests.mqtt_bridge.test_links import entry


class Bridge:
    """The bridge's end, and what it heard."""

    def __init__(self, path: Path) -> None:
        self.heard: queue.Queue[str] = queue.Queue()
        self.socket = AppSocket(
            path,
            on_app=lambda: self.heard.put("app"),
            on_gone=lambda: self.heard.put("gone"),
            on_line=lambda line: self.heard.put("poke"),
        )
        self.socket.start()


@pytest.fixture
def bridge(tmp_path: Path) -> Iterator[Bridge]:
    one = Bridge(tmp_path / "s")
    yield one
    one.socket.stop()


def test_lines_go_down_and_pokes_go_up(bridge: Bridge, tmp_path: Path) -> None:
    lines: queue.Queue[inbound.Inbound] = queue.Queue()
    link = BridgeLink(tmp_path / "s", lines.put)
    link.start()
    assert bridge.heard.get(timeout=5) == "app"
    bridge.socket.send(LinkChanged(up=True))
    bridge.socket.send(LogLine(entry(1)))
    assert [lines.get(timeout=5), lines.get(timeout=5)] == [LinkChanged(up=True), LogLine(entry(1))]
    link.poke()
    assert bridge.heard.get(timeout=5) == "poke"
    link.stop()
    assert bridge.heard.get(timeout=5) == "gone"


def test_an_app_that_does_not_read_is_cut_off_and_notices(
    bridge: Bridge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "SEND_S", 0.2)
    app = socket.socket(socket.AF_UNIX)
    app.connect(str(tmp_path / "s"))
    app.settimeout(5)
    assert bridge.heard.get(timeout=5) == "app"
    for n in range(1, 20_000):
        bridge.socket.send(LogLine(entry(n)))
        if bridge.socket._app is None:
            break
    assert bridge.socket._app is None
    while app.recv(1 << 20):
        pass
    app.close()


def test_a_bridge_that_goes_away_is_told_and_found_again(tmp_path: Path) -> None:
    lines: queue.Queue[inbound.Inbound] = queue.Queue()
    first = Bridge(tmp_path / "s")
    link = BridgeLink(tmp_path / "s", lines.put)
    link.start()
    first.heard.get(timeout=5)
    first.socket.stop()
    assert lines.get(timeout=5) == LinkChanged(up=False)
    second = Bridge(tmp_path / "s")
    assert second.heard.get(timeout=5) == "app"
    wait_for(lambda: second.socket._app is not None, "the app", 5)
    link.stop()
    second.socket.stop()
