"""Errands in a bridge: checked, done once, told again; updates fetched over a network that breaks."""

import hashlib
import http.server
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest

from bench.office.stage import wait_for
from mqtt_bridge.errands import Errands, MachineDoor, update_of
from mqtt_bridge.fetch import fetch
from officelib.authority import Authority, begin
from officelib.errand import Errand, Kind, Outcome, Paper, sign
from officelib.inbound import ErrandCame

OFFICE = Authority(begin())
CONTENT = bytes(range(256)) * 9_000
SUM = hashlib.sha256(CONTENT).hexdigest()


def paper(number: int, kind: Kind, *, until_ms: int = 1_000, source: str = "", sha256: str = SUM) -> Paper:
    errand = Errand(id=number, office="o12", device="k1", kind=kind, until_ms=until_ms, source=source, sha256=sha256)
    return sign(errand, OFFICE.sign)


class Bridge:
    """What a bridge's relay is for errands."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "errands"
        self.folder.mkdir()
        self.to_app: list[ErrandCame] = []
        self.told: list[Outcome] = []
        door = MachineDoor(self.folder, folder)
        self.errands = Errands("o12", "k1", lambda: OFFICE.certificate, door, self.to_app.append, self.told.append)

    def states(self) -> list[tuple[int, str]]:
        return [(one.errand, one.state) for one in self.told]


@pytest.fixture
def bridge(tmp_path: Path) -> Bridge:
    return Bridge(tmp_path)


def test_the_app_is_asked_and_its_word_told_again(bridge: Bridge) -> None:
    bridge.errands.came(paper(1, "identify"), 500)
    assert bridge.to_app == [ErrandCame(1, "identify")]
    bridge.errands.ended(Outcome(1, "done"))
    bridge.errands.came(paper(1, "identify"), 600)
    assert len(bridge.to_app) == 1
    assert bridge.states() == [(1, "taken"), (1, "done"), (1, "done")]


def test_an_app_that_died_over_it_is_asked_again(bridge: Bridge) -> None:
    for _ in range(2):
        bridge.errands.came(paper(1, "picture"), 500)
    assert len(bridge.to_app) == 2


def test_too_late_is_not_at_all(bridge: Bridge) -> None:
    bridge.errands.came(paper(1, "reboot"), 1_001)
    assert (bridge.states(), list(bridge.folder.iterdir())) == ([(1, "failed")], [])


def test_without_the_offices_time_it_waits_to_be_sent_again(bridge: Bridge) -> None:
    bridge.errands.came(paper(1, "reboot"), None)
    assert (bridge.told, list(bridge.folder.iterdir())) == ([], [])


def test_what_nobody_signed_is_not_even_answered(bridge: Bridge) -> None:
    bridge.errands.came(Paper(paper(1, "reboot").text, paper(2, "reboot").signature), 500)
    assert (bridge.told, bridge.to_app, list(bridge.folder.iterdir())) == ([], [], [])


def test_the_machine_finds_the_paper_itself_and_its_word_is_told(bridge: Bridge) -> None:
    sent = paper(1, "log")
    bridge.errands.came(sent, 500)
    assert msgspec.json.decode((bridge.folder / "1.errand").read_bytes(), type=Paper) == sent
    (bridge.folder / "1.outcome").write_bytes(msgspec.json.encode(Outcome(1, "done", "a line")))
    (bridge.folder / "2.outcome").write_text("{")
    bridge.errands.look()
    assert bridge.told[-1] == Outcome(1, "done", "a line")
    assert not list(bridge.folder.glob("*.outcome"))


# --- updates


@dataclass
class Files:
    """A web server whose connections break: `cuts` says after how many bytes."""

    cuts: list[int] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    port: int = 0
    content: bytes = CONTENT


@pytest.fixture
def files() -> Iterator[Files]:
    told = Files()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            span = self.headers.get("Range", "")
            told.asked.append(span)
            start = int(span.removeprefix("bytes=").rstrip("-") or 0)
            if self.path != "/a.raucb" or start >= len(told.content):
                self.send_error(404 if self.path != "/a.raucb" else 416)
                return
            rest = told.content[start:]
            self.send_response(206 if span else 200)
            self.send_header("Content-Length", str(len(rest)))
            self.end_headers()
            self.wfile.write(rest[: told.cuts.pop(0)] if told.cuts else rest)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield told
    server.shutdown()
    server.server_close()


def address(files: Files) -> str:
    return f"http://127.0.0.1:{files.port}/a.raucb"


@pytest.fixture
def sleep() -> Callable[[float], None]:
    return lambda _s: None


def test_what_is_there_is_not_fetched_again(files: Files, tmp_path: Path, sleep: Callable[[float], None]) -> None:
    files.cuts = [1_000_000, 200_000]
    fetch(address(files), SUM, tmp_path / "a", sleep)
    assert (tmp_path / "a").read_bytes() == CONTENT
    assert files.asked[0] == ""
    assert [int(one.removeprefix("bytes=").rstrip("-")) > 0 for one in files.asked[1:]] == [True, True]


def test_another_file_is_refused(files: Files, tmp_path: Path, sleep: Callable[[float], None]) -> None:
    with pytest.raises(OSError, match="not the file that was meant"):
        fetch(address(files), "0" * 64, tmp_path / "a", sleep)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("source", ["file:///etc/passwd", "ftp://x/a", ""])
def test_only_the_web_is_asked(tmp_path: Path, source: str) -> None:
    with pytest.raises(OSError, match="no address"):
        fetch(source, SUM, tmp_path / "a")


def test_a_file_that_is_not_there_is_told_at_once(files: Files, tmp_path: Path, sleep: Callable[[float], None]) -> None:
    with pytest.raises(OSError, match="404"):
        fetch(address(files) + "x", SUM, tmp_path / "a", sleep)
    assert len(files.asked) == 1


def test_an_update_is_fetched_once_and_then_the_machines(files: Files, bridge: Bridge, tmp_path: Path) -> None:
    sent = paper(5, "install", source=address(files))
    (tmp_path / "4.raucb").touch()
    bridge.errands.came(sent, 500)
    wait_for((bridge.folder / "5.errand").exists, "the update")
    errand = Errand(id=5, office="o12", device="k1", kind="install", until_ms=1_000)
    assert update_of(tmp_path, errand).read_bytes() == CONTENT
    assert not (tmp_path / "4.raucb").exists(), "an older one that was never installed"
    # the machine installs it and starts anew: the bridge knows nothing any more, and the hub sends it again
    update_of(tmp_path, errand).unlink()
    (bridge.folder / "5.errand").unlink()
    again = Errands("o12", "k1", lambda: OFFICE.certificate, MachineDoor(bridge.folder, tmp_path), print, print)
    again.came(sent, 600)
    wait_for((bridge.folder / "5.errand").exists, "the errand once more")
    assert len(files.asked) == 1


def test_an_update_that_cannot_be_had_is_told(files: Files, bridge: Bridge) -> None:
    bridge.errands.came(paper(5, "install", source=address(files) + "x"), 500)
    deadline = time.monotonic() + 20
    while len(bridge.told) < 2 and time.monotonic() < deadline:
        bridge.errands.look()
        time.sleep(0.02)
    assert bridge.told[-1].state == "failed"
    assert "404" in bridge.told[-1].text
