"""From a flashed card to the ticket, and what an appliance lives through: restarts, pulled plugs, updates."""

import io
import random
import re
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from PIL import Image

from bench.office.citizens import Papers, booking
from bench.office.errands import answer, ask
from bench.office.report import Notes as OfficeNotes
from bench.office.report import check_papers
from bench.office.stage import codes_of
from office_hub.tools import read_log
from officelib import events as e
from officelib.office import Office
from officelib.ticket_code import read_code
from tests.image import updates
from tests.image.host import HostOffice
from tests.image.notes import Notes
from tests.image.reader import Word, place_of, words_in
from tests.image.vm import Vm, wait

PANELS = {"kiosk": (1080, 1920), "display": (1920, 1080)}
BOOT_S, ANSWER_S, PAPER_S = 400.0, 90.0, 90.0
MINUTE_MS = 60_000
KIOSK = """roles = ["kiosk"]
language = "es"
timezone = "Europe/Madrid"
[kiosk]
printer = "serial:///dev/antesala/serial-printer"
printer_profile = "epson/tm-m30iii"
"""
WRONG = KIOSK.replace('language = "es"', 'langage = "es"\nrotate = 45')
CHAPTERS = ("first", "display", "locked", "restarts", "errands", "cuts", "update", "broken", "reset")


class Journey:
    """One office, one kiosk and one display; chapter after chapter."""

    def __init__(
        self, board: str, images: Path, keys: Path, folder: Path, out: Path, chance: random.Random, cuts: int
    ) -> None:
        self.board, self.images, self.keys, self.folder, self.out = board, images, keys, folder, out
        self.chance, self.cuts, self.notes = chance, cuts, Notes()
        self.office = HostOffice(out)
        self.machines: dict[str, Vm] = {}
        self._pictures = self._number = 0

    def play(self, wanted: Sequence[str] | None) -> None:
        """The chapters, in their order."""
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.folder / "ssh-key"], check=True)
        self.office.open()
        for name in CHAPTERS:
            if name == "first" or not wanted or name in wanted:
                getattr(self, f"chapter_{name}")()
        self._compare_papers()

    def end(self) -> None:
        for machine in self.machines.values():
            if machine.process is not None and machine.process.poll() is None:
                machine.cut()
            shutil.copy(machine.folder / "console.log", self.out / f"{machine.name}-console.log")
        self.office.stop()

    # Chapters

    def chapter_first(self) -> None:
        """A technician with a card, a scanner and a code."""
        self.notes.chapter("From the card to the ticket")
        kiosk = self._machine("kiosk")
        kiosk.make(WRONG, {"authorized_keys": self._public_key})
        kiosk.start()
        words = self._until_read(kiosk, "antesala.toml", "mistakes", BOOT_S)
        text = " ".join(word.text for word in words)
        self.notes.check("a mistake is shown with its line", ok="langage" in text and "line 2" in text)
        kiosk.cut()
        kiosk.put("antesala.toml", KIOSK)
        began = time.monotonic()
        kiosk.start()
        self._until_read(kiosk, "codigo de alta", "enrolment", BOOT_S)
        self.notes.took("switched on to the page that asks for the code", time.monotonic() - began)
        shown = time.monotonic()
        code = self.office.token("kiosk").strip()
        kiosk.scan(code)
        words = self._until_read(kiosk, ("Tiene cita", "no es un codigo de alta"), "attract", ANSWER_S)
        if place_of(words, "Tiene cita") is None:  # the scanner was not open yet: the page says so, and one scans again
            kiosk.scan(code)
            self._until_read(kiosk, "Tiene cita", "attract", ANSWER_S)
        self.notes.took("code shown to the first page", time.monotonic() - shown)
        wait(self.office.on_line("k1"), "the kiosk to be on line", ANSWER_S)
        self.notes.check("the hub sees the kiosk", ok=True)
        label = self._booked()
        self.notes.took("switched on to the first ticket", time.monotonic() - began)
        self.notes.check("a booking that is scanned gives a ticket", ok=label, detail=label)
        label = self._walked_in()
        self.notes.check("a service that is touched gives a ticket", ok=label, detail=label)

    def chapter_display(self) -> None:
        """The screen in the waiting room, without a scanner: its code is in its file."""
        self.notes.chapter("The call on the display")
        display = self._machine("display")
        settings = f'roles = ["display"]\nlanguage = "es"\nenrolment = "{self.office.token("display").strip()}"\n'
        display.make(settings, {"authorized_keys": self._public_key})
        display.start()
        words = self._until_read(display, "6000 mm", "too-small", BOOT_S)
        self.notes.check("a panel that is too small for its room is told on it", ok=words)
        display.cut()
        display.put("antesala.toml", settings + "panel_in = 43\n")
        began = time.monotonic()
        display.start()
        wait(self.office.on_line("s1"), "the display to be on line", BOOT_S)
        self.notes.took("display switched on to on line", time.monotonic() - began)
        wait(lambda: self._service(display, "display") == "active", "the display's first frame", BOOT_S)
        before = self._announced()
        called = str(self.office.clerk.do("call_next")["label"])
        words = self._until_read(display, called, "call", ANSWER_S)
        self.notes.check("a call is read on the display", ok=place_of(words, called), detail=called)
        wait(lambda: self._announced() > before, "the call to be announced", ANSWER_S)
        self.notes.check("and the display tells that it was said", ok=True)
        display.cut()

    def chapter_locked(self) -> None:
        """What nobody may be able to do."""
        self.notes.chapter("Locked")
        kiosk = self.machines["kiosk"]
        users = kiosk.run("ps -eo user,comm").split("\n")
        self.notes.check(
            "no getty runs", ok=not [one for one in users if "agetty" in one or "login" in one.split()[-1:]]
        )
        listens = {line.split()[3].rpartition(":")[2] for line in kiosk.run("ss -Hlnt").splitlines()}
        self.notes.check(
            "TCP listens for SSH and local names alone", ok=listens <= {"22", "53"}, detail=sorted(listens)
        )
        written = kiosk.run("touch /usr/x 2>&1; touch /x 2>&1; true")
        self.notes.check("the root cannot be written", ok=written.count("Read-only") == 2)
        failed = kiosk.run("systemctl --failed --no-legend --plain").strip()
        self.notes.check("no unit failed", ok=not failed, detail=failed)
        before = len(kiosk.run("ls /sys/class/block").split())
        kiosk.ask("device_add", driver="usb-storage", id="stick", bus="xhci.0", drive=self._stick(kiosk))
        time.sleep(15)
        after = len(kiosk.run("ls /sys/class/block").split())
        self.notes.check("a USB stick that is plugged in is no disk", ok=before == after, detail=f"{before}, {after}")
        kiosk.ask("device_del", id="stick")
        inside = kiosk.run("nsenter -t $(systemctl show -p MainPID --value kiosk) -n ip -o link").splitlines()
        self.notes.check("the screen has no network but its own loop", ok=len(inside) == 1 and "lo:" in inside[0])
        for keys in (["ctrl", "alt", "f2"], ["ctrl", "alt", "delete"], ["alt", "f4"], ["meta_l", "ret"]):
            kiosk.ask("send-key", keys=[{"type": "qcode", "data": key} for key in keys])
            time.sleep(2)
        words = self._until_read(kiosk, "Tiene cita", "after-keys", ANSWER_S)
        self.notes.check("no key leads away from the first page", ok=words)

    def chapter_restarts(self) -> None:
        """What IT does from its desk."""
        self.notes.chapter("Restarts")
        kiosk = self.machines["kiosk"]
        for unit in ("kiosk", "antesala-screen", "mqtt-bridge@kiosk"):
            began = time.monotonic()
            kiosk.run(f"systemctl restart {unit}")
            self.notes.took(f"systemctl restart {unit}", time.monotonic() - began)
            self._until_read(kiosk, "Tiene cita", f"restarted-{unit.partition('@')[0]}", ANSWER_S)
        kiosk.run("systemctl kill -s SIGSTOP kiosk")
        began = time.monotonic()
        pid = kiosk.run("systemctl show -p MainPID --value kiosk")
        wait(lambda: kiosk.run("systemctl show -p MainPID --value kiosk") not in (pid, "0\n"), "the watchdog", 120)
        self.notes.took("a kiosk that hangs is replaced", time.monotonic() - began)
        self._until_read(kiosk, "Tiene cita", "after-hang", ANSWER_S)
        began = time.monotonic()
        self._crash(kiosk)
        self._until_read(kiosk, "Tiene cita", "after-panic", BOOT_S)
        self.notes.took("the kernel panics: back at the first page", time.monotonic() - began)
        label = self._booked()
        self.notes.check("and a ticket comes", ok=label, detail=label)

    def chapter_errands(self) -> None:
        """The same from IT's page, without a way in."""
        self.notes.chapter("What IT asks from its page")
        kiosk, office = self.machines["kiosk"], self.office.it
        lines = ask(office, "k1", "log", ANSWER_S).text
        self.notes.check("the log's last lines come", ok="kiosk-app" in lines, detail=len(lines.splitlines()))
        shown = ask(office, "k1", "picture", ANSWER_S).picture
        picture = Image.open(io.BytesIO(shown)).resize(PANELS["kiosk"])
        picture.save(self.out / "from-it.png")
        words = words_in(picture, kiosk.folder)
        self.notes.check("a picture of its screen, which can be read", ok=place_of(words, "Tiene cita"))
        self.notes.check("its name is shown", ok=ask(office, "k1", "identify", ANSWER_S).is_done)
        printed = len(self.office.printed())
        self.notes.check("a test is printed", ok=ask(office, "k1", "test_print", ANSWER_S).is_done)
        self.notes.check("on paper", ok=len(self.office.printed()) == printed + 1)
        max((self.office.out / "tickets").glob("*.png")).unlink()  # it is no ticket, and is not compared with them
        for kind in ("restart", "reboot"):
            began = time.monotonic()
            done = ask(office, "k1", kind, BOOT_S)
            self.notes.check(f"{kind}: done, and told", ok=done.is_done, detail=done.text)
            self.notes.took(f"{kind}: asked to told", time.monotonic() - began)
            self._until_read(kiosk, "Tiene cita", f"after-{kind}", ANSWER_S)
        wait(kiosk.answers, "the kiosk to answer", BOOT_S)

    def chapter_cuts(self) -> None:
        """The plug is pulled while tickets are made."""
        self.notes.chapter(f"The plug pulled {self.cuts} times")
        kiosk, boots = self.machines["kiosk"], []
        for _ in range(self.cuts):
            self._scan_booking()
            time.sleep(self.chance.uniform(0.0, 6.0))
            kiosk.cut()
            began = time.monotonic()
            kiosk.start()
            self._until_read(kiosk, "Tiene cita", "after-cut", BOOT_S)
            boots.append(time.monotonic() - began)
            wait(self.office.on_line("k1"), "the kiosk to be on line", ANSWER_S)
        self.notes.took("switched on to the first page, the longest", max(boots))
        self.notes.took("switched on to the first page, the shortest", min(boots))
        label = self._booked()
        self.notes.check("it starts and gives tickets after each", ok=label, detail=f"{self.cuts} cuts, then {label}")
        checked = kiosk.run("journalctl -b -o cat -k | grep -c 'EXT4-fs error' || true").strip()
        self.notes.check("the file system of the data is whole", ok=checked == "0", detail=checked)
        damaged = kiosk.run("ls /var/lib/antesala/kiosk | grep -c damaged || true").strip()
        self.notes.check("no journal was damaged", ok=damaged == "0", detail=damaged)

    def chapter_update(self) -> None:
        """From slot a to slot b."""
        self.notes.chapter("An update")
        kiosk = self.machines["kiosk"]
        kept = kiosk.run("cat /etc/machine-id; ls /var/lib/antesala/kiosk | grep -v fetched")
        name = f"antesala-{self.board}.raucb"
        (self.office.run / "updates" / name).symlink_to(self.images / name)
        began, office = time.monotonic(), self.office.it
        wait(lambda: b'value="1" checked> k1' in office.get("fleet/update"), "the kiosk to be listed", 90)
        office.post("fleet/update", **{"file": name, "device.k1": "1", "how": "stages"})
        done = answer(office, "k1", "install", 1800)
        self.notes.check(
            "an update that IT chose is fetched, installed, started and well", ok=done.is_done, detail=done
        )
        self.notes.took("chosen on IT's page to well", time.monotonic() - began)
        self._until_read(kiosk, "Tiene cita", "updated", BOOT_S)
        wait(kiosk.answers, "the kiosk to answer", BOOT_S)
        self.notes.check("it runs from the other slot", ok="rauc.slot=b" in kiosk.run("cat /proc/cmdline"))
        loader = kiosk.run("ls /boot/firmware/loader/entries; cat /boot/firmware/slots.txt", ok=False).split()
        self.notes.check("that slot is good", ok={"antesala-b.conf", "b_tries=good"} & set(loader), detail=loader)
        self.notes.check(
            "what it kept is untouched",
            ok=kept == kiosk.run("cat /etc/machine-id; ls /var/lib/antesala/kiosk | grep -v fetched"),
        )
        label = self._booked()
        self.notes.check("and a ticket comes", ok=label, detail=label)

    def chapter_broken(self) -> None:
        """Updates that must not stay."""
        self.notes.chapter("Updates that are wrong")
        kiosk = self.machines["kiosk"]
        slot = self._slot(kiosk)
        foreign = updates.make(self.board, self.images, self.folder, "foreign", self.folder / "others")
        refused = self._install(foreign, "", ok=False)
        self.notes.check(
            "an update that others signed is refused",
            ok="signature" in refused.lower() or "certificate" in refused.lower(),
            detail=refused.strip().splitlines()[-1:],
        )
        for name, spoil in (("no-init", updates.without_init), ("no-screen", updates.without_screen)):
            bundle = updates.make(self.board, self.images, self.folder, name, self.keys, spoil)
            self._install(bundle, f"an update with {name}")
            bundle.unlink()
            began = time.monotonic()
            self._reboot(kiosk)
            wait(lambda: not self._on_line_again(), "the kiosk to be away", 120)
            wait(self._on_line_again, "the kiosk to be back", 2400, 5)
            self._until_read(kiosk, "Tiene cita", f"back-from-{name}", 2400)  # a bridge may be on line before
            self.notes.took(f"{name}: back at the first page of the system before", time.monotonic() - began)
            self.notes.check(f"{name}: it runs from the slot before", ok=self._slot(kiosk) == slot)
        label = self._booked()
        self.notes.check("and a ticket comes", ok=label, detail=label)

    def chapter_reset(self) -> None:
        """A file on the card, and the machine forgets."""
        self.notes.chapter("Factory reset")
        kiosk = self.machines["kiosk"]
        wait(lambda: self._outbox(kiosk) == 0, "the outbox to be empty", ANSWER_S)
        kiosk.run("systemctl poweroff", ok=False)
        assert kiosk.process is not None
        kiosk.process.wait(120)
        kiosk.put("factory-reset", "")
        kiosk.start()
        self._until_read(kiosk, "codigo de alta", "reset", 2 * BOOT_S)
        left = kiosk.run("find /var/lib/antesala -name '*.db' -o -name admission.json")
        self.notes.check("nothing that it kept is left", ok=not left.strip(), detail=left.strip())
        kiosk.run("systemctl poweroff", ok=False)
        kiosk.process.wait(120)
        self.notes.check("the file is gone, too", ok="factory-reset" not in kiosk.names("/"))

    # What the chapters are made of

    def _machine(self, role: str) -> Vm:
        image = self.images / f"antesala-{self.board}.img"
        port = self.office.printer_port if role == "kiosk" else 0
        self.machines[role] = Vm(role, image, self.folder / role, PANELS[role], port, self.board)
        return self.machines[role]

    @cached_property
    def _public_key(self) -> str:
        return (self.folder / "ssh-key.pub").read_text()

    def _until_read(self, machine: Vm, wanted: str | Sequence[str], name: str, limit_s: float) -> list[Word]:
        """Wait until the panel says something, or one of several things; keeps the picture."""
        phrases = (wanted,) if isinstance(wanted, str) else wanted
        self._pictures += 1
        path, words = self.out / f"{self._pictures:02d}-{machine.name}-{name}.png", list[Word]()

        def is_read() -> bool:
            words[:] = words_in(machine.picture(path), machine.folder)
            return any(place_of(words, phrase) is not None for phrase in phrases)

        wait(is_read, f"'{phrases[0]}' on the {machine.name} (see {path})", limit_s, 1.0)
        return words

    def _scan_booking(self) -> str:
        """Somebody with a booking of now holds it to the scanner; returns its short code."""
        self._number += 1
        slot_ms = (time.time_ns() // 1_000_000 + self.office.hub_config.clock_shift_s * 1000) // MINUTE_MS * MINUTE_MS
        papers = Papers(self.office, self.folder / "papers")
        one = booking(self._number, "register", slot_ms + 5 * MINUTE_MS)
        papers.issue([one], listed=False)
        self.machines["kiosk"].scan(papers.codes[one.short])
        return one.short

    def _booked(self) -> str:
        """A booking, until its paper is there: the label on it."""
        before = len(self.office.printed())
        self._scan_booking()
        return self._paper_after(before)

    def _walked_in(self) -> str:
        """Somebody without a booking, with a finger."""
        kiosk, before = self.machines["kiosk"], len(self.office.printed())
        for phrase in ("Elegir un servicio", "Empadronamiento", "Sacar"):
            words = self._until_read(kiosk, phrase, phrase.split()[0].lower(), ANSWER_S)
            at = place_of(words, phrase)
            assert at is not None
            kiosk.touch(*at)
        return self._paper_after(before)

    def _paper_after(self, before: int) -> str:
        wait(lambda: len(self.office.printed()) > before, "a paper", PAPER_S)
        self._until_read(self.machines["kiosk"], "Tiene cita", "idle", ANSWER_S)
        label = re.search(r"\b[A-Z]\d?-?\d{3,4}\b", "\n".join(self.office.printed()[-1]))
        return label[0] if label else ""

    def _service(self, machine: Vm, unit: str) -> str:
        return machine.run(f"systemctl is-active {unit}", ok=False).strip() if machine.answers() else ""

    def _announced(self) -> int:
        log = read_log(self.office.hub_config.database)
        return sum(isinstance(entry.body, e.CallAnnounced) for entry in log)

    def _stick(self, kiosk: Vm) -> str:
        path = kiosk.folder / "stick.img"
        path.write_bytes(b"\0" * (8 << 20))
        kiosk.ask("blockdev-add", driver="file", **{"node-name": "stickfile", "filename": str(path)})
        return "stickfile"

    def _crash(self, kiosk: Vm) -> None:
        try:
            kiosk.run("sync; echo c > /proc/sysrq-trigger", ok=False, limit_s=10)
        except subprocess.TimeoutExpired:
            pass
        wait(lambda: not kiosk.answers(), "the machine to be down", 60)

    def _slot(self, machine: Vm) -> str:
        found = re.search(r"rauc\.slot=([ab])", machine.run("cat /proc/cmdline"))
        return found[1] if found else ""

    def _reboot(self, machine: Vm) -> None:
        machine.run("systemctl --no-block reboot", ok=False)
        wait(lambda: not machine.answers(), "the machine to go down", 120)

    def _on_line_again(self) -> bool:
        return self.office.on_line("k1")()

    def _outbox(self, kiosk: Vm) -> int:
        found = re.search(r"outbox +(\d+)", kiosk.run("antesalactl status", ok=False))
        return int(found[1]) if found else -1

    def _install(self, bundle: Path, what: str, *, ok: bool = True) -> str:
        """Copy an update there and install it."""
        kiosk = self.machines["kiosk"]
        with bundle.open("rb") as file:
            subprocess.run(
                ["ssh", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"]
                + [
                    "-i",
                    self.folder / "ssh-key",
                    "-p",
                    str(kiosk.ssh_port),
                    "root@127.0.0.1",
                    "cat > /data/update.raucb",
                ],
                stdin=file,
                check=True,
                timeout=900,
            )
        copied = time.monotonic()
        said = kiosk.run("rauc install /data/update.raucb 2>&1; rm /data/update.raucb", ok=ok, limit_s=1800)
        if what:
            self.notes.check(f"{what} is installed", ok="succeeded" in said, detail=said.strip().splitlines()[-1:])
            self.notes.took(f"installing {what}, {bundle.stat().st_size >> 20} MiB", time.monotonic() - copied)
        return said

    def _compare_papers(self) -> None:
        """At the end: each paper is in the hub's log, no label twice."""
        self.notes.chapter("All papers of the journey")
        office = Office()
        for entry in read_log(self.office.hub_config.database):
            office.apply(entry)
        found = OfficeNotes()
        check_papers(self.office, office, found)
        for check in found.checks:
            self.notes.check(check.name, ok=check.ok, detail=check.detail)
        papers = sorted((self.office.out / "tickets").glob("*.png"))
        labels = Counter(read_code(text).label for path in papers for text in codes_of(path))
        twice = [label for label, times in labels.items() if times > 1]
        self.notes.check("no label on two papers", ok=labels and not twice, detail=f"{len(papers)} papers, {twice}")
