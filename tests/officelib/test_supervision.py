"""What the service manager hears, on the socket that it listens to."""

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from officelib.supervision import SPARE, Supervision


class Manager:
    """The service manager's end."""

    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.socket.setblocking(False)
        self.environment = {"NOTIFY_SOCKET": str(path), "WATCHDOG_USEC": "3000000", "WATCHDOG_PID": str(os.getpid())}

    def heard(self) -> list[str]:
        found = []
        while True:
            try:
                found.append(self.socket.recv(4096).decode())
            except BlockingIOError:
                return found


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    one = Manager(tmp_path / "notify")
    yield one
    one.socket.close()


def test_ready_is_said_once_and_the_watchdog_is_fed_in_time(manager: Manager) -> None:
    now_s = 100.0
    supervision = Supervision(manager.environment, lambda: now_s)
    supervision.ready("up")
    supervision.ready("up again")
    supervision.fed()
    supervision.fed()
    assert manager.heard() == ["READY=1\nSTATUS=up", "WATCHDOG=1"], "often enough is enough"
    now_s += 3.0 / SPARE
    supervision.fed()
    supervision.ending()
    assert manager.heard() == ["WATCHDOG=1", "STOPPING=1"]


def test_the_work_does_not_wait_for_a_manager_that_does_not_listen(manager: Manager) -> None:
    """A turn that waited for it would stop a kiosk while systemd reads its units anew."""
    now_s, turns = 100.0, 1000
    supervision = Supervision(manager.environment, lambda: now_s)

    def work() -> None:
        nonlocal now_s
        for _ in range(turns):
            supervision.fed()
            now_s += 10.0

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(10)
    assert not thread.is_alive()
    assert 0 < len(manager.heard()) < turns, "its ear was full"
    supervision.fed()
    assert manager.heard() == ["WATCHDOG=1"], "told once it listens again"


def test_that_it_is_ready_is_heard_late_rather_than_never(manager: Manager, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("officelib.supervision.PATIENCE_S", 0.1)
    supervision = Supervision(manager.environment)
    for number in range(1000):
        if not supervision._tell(f"STATUS={number}"):
            break
    supervision.ready("up")
    assert "READY=1\nSTATUS=up" not in manager.heard()
    supervision.fed()
    supervision.fed()
    assert manager.heard().count("READY=1\nSTATUS=up") == 1


def test_another_process_is_watched_or_none(manager: Manager) -> None:
    Supervision({**manager.environment, "WATCHDOG_PID": "1"}).fed()
    Supervision({"NOTIFY_SOCKET": manager.environment["NOTIFY_SOCKET"]}).fed()
    assert manager.heard() == []


def test_without_a_manager_nothing_happens(tmp_path: Path) -> None:
    for environment in ({}, {"NOTIFY_SOCKET": str(tmp_path / "nobody")}):
        supervision = Supervision(environment)
        supervision.ready("up")
        supervision.fed()
        supervision.ending()
