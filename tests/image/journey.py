"""One office, one kiosk and one display, and what is done with them in every chapter."""

import json
import random
import re
import shutil
import subprocess
import time
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from bench.office.citizens import Papers, booking
from office_hub.tools import read_log
from officelib import events as e
from officelib.health import OK
from tests.image.host import HostOffice
from tests.image.notes import Notes
from tests.image.reader import Album, Word, place_of
from tests.image.vm import Vm, wait

PANELS = {"kiosk": (1080, 1920), "display": (1920, 1080)}
BOOT_S, ANSWER_S, PAPER_S, SCAN_AGAIN_S, MISREAD_S = 1200.0, 240.0, 240.0, 60.0, 5.0
SCANS = 3
MINUTE_MS = 60_000
ATTRACT = "Tiene cita"
KIOSK = """roles = ["kiosk"]
language = "es"
timezone = "Europe/Madrid"
[kiosk]
printer = "serial:///dev/antesala/serial-printer"
printer_profile = "epson/tm-m30iii"
"""
LAST_LINES = "journalctl -b -o short-precise --no-pager -n 500"
LABEL = re.compile(r"\b[A-Z]\d?-?\d{3,4}\b")


class Journey:
    """What lasts from chapter to chapter. `programs`: what is sent into machines, to be run there."""

    programs = Path(__file__).parent / "programs"

    def __init__(
        self, board: str, images: Path, keys: Path, folder: Path, out: Path, chance: random.Random, cuts: int
    ) -> None:
        self.board, self.images, self.keys, self.folder, self.out = board, images, keys, folder, out
        self.chance, self.cuts, self.notes, self.album = chance, cuts, Notes(), Album(out)
        self.office = HostOffice(out)
        self.machines: dict[str, Vm] = {}
        self._number = 0

    def begin(self) -> None:
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.folder / "ssh-key"], check=True)
        self.office.open()

    def end(self) -> None:
        self.switch_all_off()
        for name in list(self.machines):
            self._keep_console(name)
        self.office.stop()

    def tell_last(self) -> None:
        """Keep what every machine shows, and its log, where the journey ended too soon."""
        for machine in self.machines.values():
            if machine.is_on:
                machine.picture(self.out / f"{machine.name}-last.png")
                (self.out / f"{machine.name}-journal.log").write_text(machine.run(LAST_LINES, ok=False))

    def _keep_console(self, name: str) -> None:
        kept = self.machines.pop(name).folder / "console.log"
        shutil.copy(kept, self.out / f"{name}-{len(list(self.out.glob('*-console.log')))}-console.log")

    def switch_all_off(self) -> None:
        for machine in self.machines.values():
            if machine.is_on:
                machine.cut()

    def machine(self, name: str, role: str, printer_port: int = 0) -> Vm:
        """One more machine, as its maker delivers it."""
        if name in self.machines:
            self._keep_console(name)
        image = self.images / f"antesala-{self.board}.img"
        self.machines[name] = Vm(name, image, self.folder / name, PANELS[role], printer_port, self.board)
        return self.machines[name]

    @property
    def kiosk(self) -> Vm:
        return self.machines["kiosk"]

    @cached_property
    def keys_of_technician(self) -> dict[str, str]:
        """The file that opens SSH."""
        return {"authorized_keys": (self.folder / "ssh-key.pub").read_text()}

    def let_in(self, machine: Vm, code: str) -> None:
        """A technician shows the enrolment code, again while it is misread: a busy emulator loses keys."""
        words: list[Word] = []
        for _ in range(SCANS):
            machine.scan(code)
            time.sleep(MISREAD_S)
            words = self.album.until_read(machine, (ATTRACT, "no es un codigo de alta"), "attract", BOOT_S)
            if place_of(words, ATTRACT) is not None:
                return
        raise AssertionError(f"the code was misread {SCANS} times")

    def scan_booking(self) -> str:
        """Somebody with a booking of now holds it to the scanner; returns what it says."""
        self._number += 1
        slot_ms = (time.time_ns() // 1_000_000 + self.office.hub_config.clock_shift_s * 1000) // MINUTE_MS * MINUTE_MS
        papers = Papers(self.office, self.folder / "papers")
        one = booking(self._number, "register", slot_ms + 5 * MINUTE_MS)
        papers.issue([one], listed=False)
        code = papers.codes[one.short]
        self.kiosk.scan(code)
        return code

    def booked(self) -> str:
        """A booking, until its paper is there: the label on it."""
        before = len(self.office.printed())
        code = self.scan_booking()
        try:
            wait(lambda: len(self.office.printed()) > before, "a paper", SCAN_AGAIN_S)
        except TimeoutError:
            self.notes.say("- nothing came of a scan: scanned again; the kiosk said:")
            self.notes.say(self.kiosk.run("journalctl -b -o cat -u kiosk -n 5", ok=False))
            self.kiosk.scan(code)
        return self.paper_after(before)

    def walked_in(self, phrases: Sequence[str] = ("Elegir un servicio", "Empadronamiento", "Sacar")) -> str:
        """Somebody without a booking, with a finger."""
        before = len(self.office.printed())
        for phrase in phrases:
            words = self.album.until_read(self.kiosk, phrase, phrase.split()[0].lower(), ANSWER_S)
            at = place_of(words, phrase)
            assert at is not None
            self.kiosk.touch(*at)
        return self.paper_after(before)

    def paper_after(self, before: int) -> str:
        """The label on the paper that comes; the kiosk stands at its first page again."""
        wait(lambda: len(self.office.printed()) > before, "a paper", PAPER_S)
        self.album.until_read(self.kiosk, ATTRACT, "idle", ANSWER_S)
        label = LABEL.search("\n".join(self.office.printed()[-1]))
        return label[0] if label else ""

    def announced(self) -> int:
        """How many calls were said so far."""
        return sum(isinstance(entry.body, e.CallAnnounced) for entry in self.log())

    def log(self) -> list[e.LogEntry]:
        """The hub's, whole."""
        return list(read_log(self.office.hub_config.database))

    def is_on_line(self) -> bool:
        return self.office.is_on_line("k1")

    def is_ready(self) -> bool:
        """The hub sees the kiosk, and the kiosk its printer and its scanner, which starts after the page is up."""
        found = parts(self.kiosk)
        return self.is_on_line() and {found.get("scanner"), found.get("printer 1")} == {OK}

    def slot(self) -> str:
        """The half of the disk from which the kiosk runs."""
        found = re.search(r"rauc\.slot=([ab])", self.kiosk.run("cat /proc/cmdline"))
        return found[1] if found else ""

    def reboot(self) -> None:
        self.kiosk.run("systemctl --no-block reboot", ok=False)
        wait(lambda: not self.kiosk.answers(), "the machine to go down", 120)


def parts(machine: Vm) -> dict[str, str]:
    """What a kiosk says of its parts; nothing while it says nothing."""
    said = json.loads(machine.run("antesalactl status --json", ok=False) or "{}")
    app = said.get("devices", {}).get("kiosk", {}).get("health", {}).get("app") or {}
    return dict(app.get("parts", {}))
