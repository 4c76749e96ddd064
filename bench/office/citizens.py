"""Citizens of the demonstration: what they carry, scan and touch."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import zxingcpp
from PIL import Image

from bench.office.stage import Stage, wait_for
from hwlib.sim.control import command
from office_hub.bookings import BOOKING_KEY_ID, code_of
from office_hub.tools import booking_key, write_qr
from officelib.booking import Booking, BookingCode, mint, short_code
from officelib.catalogue import Catalogue

MINUTE_MS = 60_000
ANSWER_S = 15.0


@dataclass(frozen=True)
class Outcome:
    """What the kiosk showed in the end: the screen's state and, with a ticket, its label."""

    state: str
    label: str
    answer_ms: int


def booking(number: int, service: str, slot_ms: int) -> Booking:
    """The demonstration's booking of a number: the same in every run."""
    ref = f"{number:04x}".rjust(20, "d")
    ref = f"{number * 2654435761 % 2**32:08x}" + ref[8:]
    return Booking(ref, service, slot_ms, short_code(ref))


def opening_ms(stage: Stage) -> int:
    """Hub time of the demonstration's start, to the minute: nine o'clock."""
    now_ms = time.time_ns() // 1_000_000 + stage.hub_config.clock_shift_s * 1000
    moment = stage.catalogue.local(now_ms).replace(hour=9, minute=0, second=0, microsecond=0)
    return int(moment.timestamp() * 1000)


@dataclass
class Papers:
    """Booking codes as pictures, as citizens carry them."""

    stage: Stage
    folder: Path
    codes: dict[str, str] = field(default_factory=dict)

    def issue(self, bookings: list[Booking], *, listed: bool) -> None:
        """Mint codes and images; with `listed`, tell the hub of the bookings through its inbox."""
        self.folder.mkdir(exist_ok=True)
        catalogue, key = self.stage.catalogue, booking_key(self.stage.hub_config.database)
        for one in bookings:
            code = code_of(one, catalogue, key)
            write_qr(code, self.folder / f"{one.short}.png")
            self.codes[one.short] = self._read(self.folder / f"{one.short}.png")
        if listed:
            rows = "".join(f"{b.ref},{b.service},{catalogue.local(b.slot_ms).isoformat()}\n" for b in bookings)
            path = self.stage.hub_config.bookings_inbox / "demo.csv"
            aside = path.with_name(".demo.part")
            aside.write_text("ref,service,slot\nnot-a-reference,register,2026-01-07T10:30\n" + rows)
            aside.rename(path)
            result = path.with_name("demo.csv.result")
            wait_for(result.exists, "the import of bookings")

    def of_other_office(self, catalogue: Catalogue, slot_ms: int) -> str:
        """A code that is right, for another office."""
        key = booking_key(self.stage.hub_config.database)
        code = BookingCode(BOOKING_KEY_ID, catalogue.office.code + 1, 101, slot_ms, 15, "0f" * 10)
        return mint(code, key)

    def _read(self, path: Path) -> str:
        """What a scanner would see in the picture."""
        with Image.open(path) as image:
            found = zxingcpp.read_barcodes(
                image.convert("L"), formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
            )
        return str(found[0].text)


@dataclass
class Entrance:
    """The place in front of the kiosk: one citizen at a time."""

    stage: Stage
    pictures: set[str] = field(default_factory=set)

    def look(self) -> dict[str, Any]:
        """What the kiosk shows."""
        return command(self.stage.control("kiosk"), look=True)

    def touch(self, item: str) -> dict[str, Any]:
        """A finger on an item."""
        return command(self.stage.control("kiosk"), touch=item)

    def picture(self, name: str) -> None:
        """Keep a picture of the kiosk, the first of each name."""
        if name not in self.pictures:
            self.pictures.add(name)
            command(self.stage.control("kiosk"), picture=str(self.stage.out / "kiosk" / f"{name}.png"))

    def until(self, *states: str) -> dict[str, Any]:
        """Wait for one of these screens."""
        wait_for(lambda: self.look()["screen"] in states, f"the kiosk to show {' or '.join(states)}", ANSWER_S)
        return self.look()

    def scan(self, code: str, *expected: str) -> Outcome:
        """Hold a code under the scanner; returns what it led to, with the time to the first answer on the panel."""
        self.until("attract", "choosing", *expected)
        typed = command(self.stage.control("scanner"), type=code)
        return self._outcome(typed["mono_ms"], expected or ("ticket-printed",))

    def walk_in(self, service: str, language: str = "", *expected: str) -> Outcome:
        """Touch through the kiosk to a ticket."""
        self.until("attract")
        self.touch(f"language-{language}" if language else "start")
        self.until("choosing")
        suffix = f"-{language}" if language else ""
        self.picture(f"choosing{suffix}")
        self.touch(f"service-{service}")
        self.until("confirming")
        self.picture(f"confirming{suffix}")
        touched = self.touch("confirm")
        return self._outcome(touched["touched_ms"], expected or ("ticket-printed",), suffix)

    def leave(self) -> None:
        """Touch "finish" and go."""
        self.touch("done")
        self.until("attract")

    def _outcome(self, since_ms: int, expected: tuple[str, ...], suffix: str = "") -> Outcome:
        seen = self.until(*expected)
        self.picture(f"{seen['screen']}{suffix}")
        answers = [p for p in seen["painted"] if p[0] >= since_ms and p[1].startswith(("ticket", "problem"))]
        label = answers[-1][1].partition(" ")[2] if answers else ""
        return Outcome(seen["screen"], label, answers[0][0] - since_ms if answers else -1)


def morning_bookings(start_ms: int) -> list[Booking]:
    """Twelve bookings that are on time, and one whose slot was long ago."""
    services = ("register", "certificates", "taxes", "entry", "register", "social")
    on_time = [booking(n, services[n % len(services)], start_ms + (n * 2) * MINUTE_MS) for n in range(12)]
    return [*on_time, booking(12, "register", start_ms - 45 * MINUTE_MS)]
