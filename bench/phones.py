"""4,000 people open their tickets' pages within a minute: a hub, its pages, and a crowd of another process on loopback.

Run as a program it is the crowd: python -m bench.phones CODES RESULTS URL SECONDS.
"""

import asyncio
import contextlib
import json
import logging
import re
import resource
import subprocess
import sys
import threading
import time
from pathlib import Path

from bench.figures import Figure, figure
from bench.office.clerk import ClerkClient
from bench.office.stage import CLERKS, Options, Stage
from officelib.assets import asset
from officelib.enrolment import read_key
from officelib.ids import lane_label
from officelib.signature import signer
from officelib.ticket_code import TicketCode, write_code

log = logging.getLogger(__name__)

VISITORS, SECONDS = 4_000, 60
VISITORS_S = 40.0
LONGEST_S = 180.0
FILES = 16_384
REFRESH = re.compile(rb'http-equiv="refresh" content="(\d+); url=([^"]+)"')
LIVE = re.compile(rb'data-live="([^"]+)"')


def measure_phones(out: Path) -> list[Figure]:
    """A crowd at the door, and what the clerks feel of it."""
    _allow_files()
    stage = Stage(out, asset("demo", "office.toml"), Options(page_visitors_s=VISITORS_S))
    try:
        stage.start("broker")
        stage.start("hub")
        stage.wait_for_hub()
        codes = out / "codes.json"
        codes.write_text(json.dumps(papers_of(stage, VISITORS)))
        clerk = ClerkClient(stage.console, "ana", CLERKS["ana"][1], "c1")
        clerk.sign_in()
        results = out / "phones.json"
        address = f"127.0.0.1:{stage.page_port}"
        crowd = subprocess.Popen(
            [sys.executable, "-m", "bench.phones", str(codes), str(results), address, str(SECONDS)]
        )
        felt: list[float] = []
        working = threading.Thread(target=_work, args=(clerk, felt, crowd))
        working.start()
        crowd.wait(LONGEST_S + SECONDS)
        working.join()
        return _figures(json.loads(results.read_text()), felt)
    finally:
        stage.stop()


def papers_of(stage: Stage, count: int) -> list[str]:
    """Papers of a kiosk that is cut off: nobody knows these tickets before their pages are opened."""
    identity = stage.enrol("kiosk")
    sign = signer(read_key(identity.files.certificate.parent))
    office, service = stage.catalogue.office.code, stage.catalogue.service[0]
    now_ms = int(time.time() * 1000) + stage.hub_config.clock_shift_s * 1000
    return [
        write_code(
            TicketCode(office, "k1", 1, n, lane_label(service.series, 1, n), service.code, "es", now_ms, 500), sign
        )
        for n in range(1, count + 1)
    ]


def _work(clerk: ClerkClient, felt: list[float], crowd: "subprocess.Popen[bytes]") -> None:
    """A clerk who calls and finishes, and how long the hub lets her wait."""
    while crowd.poll() is None:
        began = time.perf_counter()
        clerk.do("call_next")
        felt.append((time.perf_counter() - began) * 1000)
        clerk.do("finish")
        time.sleep(0.2)


def _figures(found: dict[str, list[float]], felt: list[float]) -> list[Figure]:
    served, told = len(found["inside_s"]), found["late_s"]
    lost = 1 - served / VISITORS
    log.info(
        "%d of %d phones came in; the longest wait %.0f s, told at the first look; %d pages stayed open",
        served,
        VISITORS,
        max(found["inside_s"]),
        len(found["live"]),
    )
    return [
        Figure(f"phones: of {VISITORS} a minute not served, ratio", lost, lost, VISITORS, 0.001),
        figure("phones: an answer of the page", found["answer_ms"], 1_000),
        figure("phones: in later than told (1,000 for a second)", [one * 1000 for one in told], 3_000),
        figure(f"phones: a clerk's call in a surge of {VISITORS} a minute", felt, 300),
    ]


def _allow_files() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(FILES, most), most))


# --- the crowd


class Crowd:
    """Everybody with a paper, and what happened to them."""

    def __init__(self, host: str, port: int, visitors: int) -> None:
        self.host, self.port, self.visitors = host, port, visitors
        self.all_are_in = asyncio.Event()
        self.found: dict[str, list[float]] = {"inside_s": [], "late_s": [], "answer_ms": [], "live": [], "failed": []}

    async def visit(self, code: str, after_s: float) -> None:
        """Open the page; wait before the door as long as it says; stay."""
        await asyncio.sleep(after_s)
        came_s, told_s, path = time.monotonic(), 0.0, f"/t/{code}"
        for look in range(30):
            try:
                began = time.perf_counter()
                body = await self._get(path)
                self.found["answer_ms"].append((time.perf_counter() - began) * 1000)
            except OSError:
                self.found["failed"].append(1.0)
                await asyncio.sleep(2)
                continue
            if b"data-state=" in body:
                inside_s = time.monotonic() - came_s
                self.found["inside_s"].append(inside_s)
                self.found["late_s"].append(max(0.0, inside_s - told_s))
                if len(self.found["inside_s"]) == self.visitors:
                    self.all_are_in.set()
                live = LIVE.search(body)
                if live is not None:
                    await self._stay(live[1].decode().replace("&amp;", "&"))
                return
            refresh = REFRESH.search(body)
            if refresh is None:
                break
            if look == 0:
                seconds = re.findall(rb"(\d+) segundo", body)
                told_s = float(seconds[0]) if seconds else float(refresh[1])
            path = refresh[2].decode().replace("&amp;", "&")
            await asyncio.sleep(float(refresh[1]))

    async def _get(self, path: str) -> bytes:
        reader, writer = await asyncio.open_connection(self.host, self.port)
        try:
            writer.write(f"GET {path} HTTP/1.1\r\nHost: {self.host}\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
            return await asyncio.wait_for(reader.read(-1), 30)
        except TimeoutError as error:
            raise OSError("no answer") from error
        finally:
            writer.close()

    async def _stay(self, path: str) -> None:
        """Keep the page's news open until everybody has gone."""
        reader, writer = await asyncio.open_connection(self.host, self.port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {self.host}\r\n\r\n".encode())
        with contextlib.suppress(OSError):
            head = await reader.readline()
            if b" 200 " in head:
                self.found["live"].append(1.0)
                while await reader.read(65_536):
                    pass
        writer.close()


async def _crowd(codes: list[str], address: str, seconds: float) -> dict[str, list[float]]:
    host, _, port = address.rpartition(":")
    crowd = Crowd(host, int(port), len(codes))
    visits = [
        asyncio.create_task(crowd.visit(code, seconds * number / len(codes))) for number, code in enumerate(codes)
    ]
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(crowd.all_are_in.wait(), LONGEST_S)
    await asyncio.sleep(1)
    for visit in visits:
        visit.cancel()
    await asyncio.gather(*visits, return_exceptions=True)
    return crowd.found


def main() -> int:
    """Be the crowd."""
    _allow_files()
    codes, results, address, seconds = sys.argv[1:]
    found = asyncio.run(_crowd(json.loads(Path(codes).read_text()), address, float(seconds)))
    Path(results).write_text(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
