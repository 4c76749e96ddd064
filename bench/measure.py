"""`make bench`: the figures that the product answers for, measured in one run on one machine.

Times differ from machine to machine: beside each stands its ratio to a reference of the same run, the durable commit of
one row by SQLite, which every ticket needs several of.
"""

import argparse
import http.client
import json
import logging
import math
import platform
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import msgspec

from bench import fleet, lobby, phones, printing
from bench.figures import Figure, figure, timed
from bench.office.citizens import Entrance, Papers, booking, opening_ms
from bench.office.clerk import ClerkClient
from bench.office.report import quantiles
from bench.office.stage import CLERKS, KIOSK, Options, Stage, wait_for
from bench.pages import measure_pages
from hwlib.sim.control import command
from mqtt_bridge import messages, topics
from mqtt_bridge.client import BrokerAddress, Connection, Session
from mqtt_bridge.identity import Identity
from officelib import events as e
from officelib.assets import asset
from officelib.catalogue_file import read_catalogue
from officelib.clock import system_clock
from officelib.ids import EventId
from officelib.inbound import WantGranted
from officelib.journal.office_log import Commit, Mark, open_office_log

log = logging.getLogger(__name__)

MINUTE_MS = 60_000


def mono_ms() -> int:
    """The clock that all processes share."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000


def reference_commit_ms(folder: Path) -> float:
    """Median of one durable row: SQLite, WAL, synchronous FULL."""
    connection = sqlite3.connect(folder / "reference.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE t(a)")
    values = timed(200, lambda: connection.execute("INSERT INTO t VALUES(randomblob(200))"))
    connection.close()
    return quantiles(values)["p50"]


def measure_office(out: Path) -> list[Figure]:
    """A whole office: touches, scans, calls, an outage, memory."""
    stage = Stage(out, asset("demo", "office.toml"), Options(sound_pace=0.0))
    try:
        stage.start_all()
        entrance = Entrance(stage)
        clerk = ClerkClient(stage.console, "ana", CLERKS["ana"][1], "c2")
        entrance.until("attract")
        clerk.sign_in()
        wait_for(lambda: clerk.view()["devices"].get(KIOSK), "the kiosk")
        time.sleep(1.5)
        figures = [
            figure("scan to answer on the panel", scans(stage, entrance, 30), 300),
            figure("touch to first byte, hub there", touches(stage, entrance, 30), 150),
            figure("call to board painted", calls(stage, clerk, 40), 300),
            Figure("memory of kiosk and bridge, MB", memory_mb(stage), memory_mb(stage), 1, 180, "p50"),
        ]
        stage.kill("hub")
        figures.append(figure("touch to first byte, hub just gone", touches(stage, entrance, 1), 600))
        wait_for(lambda: command(stage.control("display"), look=True)["screen"].endswith("offline"), "the outage")
        figures.append(figure("touch to first byte, hub known to be away", touches(stage, entrance, 20), 50))
        return figures
    finally:
        stage.stop()


def scans(stage: Stage, entrance: Entrance, times: int) -> list[float]:
    """From the scanner's last byte to the ticket on the panel."""
    papers = Papers(stage, stage.run / "papers")
    bookings = [booking(n, "register", opening_ms(stage) + n * MINUTE_MS // 2) for n in range(times)]
    papers.issue(bookings, listed=True)
    values = []
    for one in bookings:
        values.append(float(entrance.scan(papers.codes[one.short]).answer_ms))
        entrance.leave()
    return values


def touches(stage: Stage, entrance: Entrance, times: int) -> list[float]:
    """From the finger's release on "take a ticket" to the first byte at the printer."""
    values = []
    for _ in range(times):
        entrance.walk_in("register")
        touched_ms = entrance.look()["touched_ms"]
        values.append(float(command(stage.control("printer"))["first_byte_mono_ms"][-1] - touched_ms))
        entrance.leave()
    return values


def calls(stage: Stage, clerk: ClerkClient, times: int) -> list[float]:
    """From the clerk's request to the number on the display."""
    values = []
    for _ in range(times):
        answer = clerk.do("call_next")
        found: list[int] = []

        def painted(answer: dict[str, object] = answer, found: list[int] = found) -> bool:
            frames = command(stage.control("display"), look=True)["painted"]
            found.extend(at for at, mark in frames if at >= answer["mono_ms"] and answer["label"] in mark.split())
            return bool(found)

        wait_for(painted, "the board", 10)
        values.append(float(found[0] - answer["mono_ms"]))
        clerk.do("finish")
    return values


def memory_mb(stage: Stage) -> float:
    """Proportional set size of the kiosk's two processes."""
    total_kb = 0
    for role in ("kiosk", "kiosk-bridge"):
        text = Path(f"/proc/{stage.processes[role].pid}/smaps_rollup").read_text()
        total_kb += int(next(line.split()[1] for line in text.splitlines() if line.startswith("Pss:")))
    return total_kb / 1024


def measure_start(out: Path) -> list[Figure]:
    """From the process's start to its first frame."""
    stage = Stage(out, asset("demo", "office.toml"), Options())
    values = []
    try:
        stage.start_all()
        for role in ("kiosk", "hub", "display"):
            stage.kill(role)
        stage.control("kiosk").unlink(missing_ok=True)
        for _ in range(5):
            began_ms = mono_ms()
            stage.start("kiosk")
            wait_for(lambda: command(stage.control("kiosk"), look=True)["painted"], "the first frame")
            values.append(float(command(stage.control("kiosk"), look=True)["painted"][0][0] - began_ms))
            stage.kill("kiosk")
            stage.control("kiosk").unlink()
    finally:
        stage.stop()
    return [figure("process start to first frame", values, 1_500)]


class Arrivals:
    """A kiosk that only asks for numbers, many at once, over the real broker."""

    def __init__(self, stage: Stage, identity: Identity) -> None:
        self.device = identity.admission.device
        self.office = stage.catalogue.office.id
        self.down: list[messages.Down] = []
        self.came = threading.Condition()
        self.up = threading.Event()
        self.connection = Connection(
            [BrokerAddress("127.0.0.1", stage.broker_port, self.device, identity.files)],
            lambda: Session(f"load-{self.device}", (topics.down(self.office, self.device),)),
            on_up=self.up.set,
            on_down=lambda _: None,
            on_message=self._heard,
        )

    def _heard(self, _topic: str, payload: bytes) -> None:
        with self.came:
            self.down.append(messages.decode(payload, messages.Down))
            self.came.notify()

    def ask(self, inc: int, first: int, count: int) -> messages.Down:
        """Send a batch of wants and wait for the hub's answer."""
        body = msgspec.Raw(msgspec.json.encode(e.Want(e.Claim("register", "es"))))
        events = tuple(messages.UpEvent(first + i, "b", 0, body) for i in range(count))
        up = messages.Up(
            device=self.device, journal="load", inc=inc, boot="b", sent_mono_ms=0, events=events
        )  # fmt: skip
        with self.came:
            before = len(self.down)
            self.connection.publish(topics.up(self.office, self.device), messages.encode(up))
            self.came.wait_for(lambda: len(self.down) > before, 10)
            return self.down[-1]


def measure_surge(out: Path, consoles: int = 100, arrivals_a_minute: int = 4_000, seconds: int = 20) -> list[Figure]:
    """Arrivals at the hub with many consoles open: from a batch's sending to the hub's durable answer."""
    stage = Stage(out, asset("demo", "office.toml"), Options())
    try:
        stage.start("broker")
        stage.start("hub")
        stage.wait_for_hub()
        clerk = ClerkClient(stage.console, "ana", CLERKS["ana"][1], "c1")
        clerk.sign_in()
        streams = [clerk.open_stream() for _ in range(consoles)]
        for stream in streams:
            threading.Thread(target=_drain, args=(stream,), daemon=True).start()
        kiosk = Arrivals(stage, stage.enrol("kiosk"))
        kiosk.connection.start()
        kiosk.up.wait(10)
        inc = kiosk.ask(0, 1, 0).inc
        values: list[float] = []
        sent, began = 0, time.monotonic()
        while time.monotonic() - began < seconds:
            due = int((time.monotonic() - began) * arrivals_a_minute / 60) - sent
            if due <= 0:
                time.sleep(0.002)
                continue
            count = min(due, messages.MAX_BATCH_EVENTS)
            start = time.perf_counter()
            answer = kiosk.ask(inc, sent + 1, count)
            values.append((time.perf_counter() - start) * 1000)
            if answer.acked != sent + count or not all(isinstance(r, WantGranted) for r in answer.results):
                raise RuntimeError(f"the hub acknowledged {answer.acked} of {sent + count}")
            sent += count
        rate = sent / (time.monotonic() - began) * 60
        kiosk.connection.stop()
        log.info("%d arrivals, %.0f a minute, with %d consoles open", sent, rate, consoles)
        return [figure(f"hub: a batch of arrivals at {rate:.0f} a minute, {consoles} consoles", values, 100)]
    finally:
        stage.stop()


def _drain(stream: object) -> None:
    try:
        while stream.read(65_536):  # type: ignore[attr-defined]
            pass
    except (OSError, ValueError, AttributeError, http.client.HTTPException):
        return


def measure_long_log(folder: Path, entries: int) -> list[Figure]:
    """A hub's start on a long log of earlier days, and the price of the next ticket."""
    path = folder / "long.db"
    store = open_office_log(path)
    day, n = 0, 0
    while n < entries:
        batch = [e.LogEntry(n + 1, 1, 0, e.DayOpened(f"2020-{day}"))]
        for number in range(1, 1_000):
            ticket = e.ticket_id("k1", 1, n + number)
            body: e.LogBody = e.TicketNumbered(
                ticket, "register", f"A{number:03d}", "walk_in", "es", e.Stands(0, number, "k1", number, 5)
            )
            for step in (body, e.TicketWaiting(ticket), e.ServiceFinished(ticket)):
                batch.append(e.LogEntry(batch[-1].n + 1, 1, 0, step, EventId("k1", 1, number)))
        store.commit(Commit(batch, {("k1", 1): Mark(n)}, {}, f"2020-{day}"), 0)
        n, day = batch[-1].n, day + 1
    store.close()
    code = (
        "import sys, time; from pathlib import Path\n"
        "began = time.perf_counter()\n"
        "from office_hub.engine import Engine, Publisher\n"
        "from officelib.catalogue_file import read_catalogue; from officelib.clock import system_clock\n"
        "from officelib.journal.office_log import Mark, open_office_log\n"
        "store = open_office_log(Path(sys.argv[1])); catalogue = read_catalogue(Path(sys.argv[2]))\n"
        "Engine(store, catalogue, system_clock(), 'h1', Publisher())\n"
        "print((time.perf_counter() - began) * 1000)\n"
    )
    program = [sys.executable, "-c", code, str(path), str(asset("demo", "office.toml"))]
    starts = [
        float(subprocess.run(program, capture_output=True, text=True, check=True).stdout) for _ in range(3)
    ]  # fmt: skip
    ratio = next_ticket_ms(path) / next_ticket_ms(folder / "short.db")
    return [
        figure(f"hub's start on {n:,} entries", starts, 2_000),
        Figure(f"next ticket on {n:,} entries, ratio to an empty log", ratio, ratio, 200, 1.5),
    ]


def next_ticket_ms(path: Path) -> float:
    """Median of a number given and committed."""
    from office_hub.engine import Engine  # noqa: PLC0415
    from office_hub.work import Publisher, UpCame  # noqa: PLC0415

    store = open_office_log(path)
    engine = Engine(store, read_catalogue(asset("demo", "office.toml")), system_clock(), "h1", Publisher())
    body = msgspec.Raw(msgspec.json.encode(e.Want(e.Claim("register", "es"))))

    def ask(inc: int, *events: messages.UpEvent) -> None:
        up = messages.Up(device="k9", journal="j9", inc=inc, boot="b", sent_mono_ms=0, events=events)
        engine.round([UpCame(up)])

    ask(0)
    inc = engine.office.devices["k9"].inc
    seq = iter(range(1, 1_000))
    values = timed(200, lambda: ask(inc, messages.UpEvent(next(seq), "b", 0, body)))
    store.close()
    return quantiles(values)["p50"]


def table(figures: list[Figure], reference_ms: float) -> str:
    """The figures as a Markdown table."""
    lines = [
        "| figure | p50 | p99 | n | budget | holds | p50 / commit |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in figures:
        ratio = f"{one.p50 / reference_ms:.1f}" if one.is_time else ""
        bounded = math.isfinite(one.budget)
        budget, holds = (f"{one.budget_of} < {one.budget:g}", "yes" if one.holds else "NO") if bounded else ("", "")
        lines.append(f"| {one.name} | {one.p50:.2f} | {one.p99:.2f} | {one.n} | {budget} | {holds} | {ratio} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Measure everything; writes a table into bench/results."""
    line = argparse.ArgumentParser(prog="make bench", description=__doc__)
    line.add_argument("--entries", type=int, default=1_000_000, help="length of the long log")
    given = line.parse_args()
    logging.basicConfig(level=logging.INFO, format="bench: %(message)s", stream=sys.stdout)
    folder = Path(tempfile.mkdtemp(prefix="antesala-bench-"))
    figures: list[Figure] = []
    try:
        reference_ms = reference_commit_ms(folder)
        for what, measure in (
            ("printing", printing.measure_printing),
            ("the pages", lambda: measure_pages(folder / "pages")),
            ("an office at work", lambda: measure_office(folder / "office")),
            ("the lobby's display", lambda: lobby.measure_lobby(folder / "lobby")),
            ("a crowd of phones", lambda: phones.measure_phones(folder / "phones")),
            ("a fleet of devices", lambda: fleet.measure_fleet(folder / "fleet")),
            ("starts", lambda: measure_start(folder / "start")),
            ("a surge of arrivals", lambda: measure_surge(folder / "surge")),
            (f"a log of {given.entries:,} entries", lambda: measure_long_log(folder, given.entries)),
        ):
            log.info("%s", what)
            figures += measure()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    head = (
        f"# Figures of {time.strftime('%Y-%m-%d')}\n\n{platform.machine()}, Python {platform.python_version()}."
        f" Milliseconds unless the name says otherwise. One durable commit of SQLite: {reference_ms:.2f} ms.\n\n"
    )
    text = head + table(figures, reference_ms)
    results = Path(__file__).parent / "results"
    results.mkdir(exist_ok=True)
    (results / f"{time.strftime('%Y-%m-%d')}.md").write_text(text)
    (results / "latest.json").write_text(json.dumps([msgspec.to_builtins(one) for one in figures], indent=1) + "\n")
    sys.stdout.write(text)
    return 0 if all(one.holds for one in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
