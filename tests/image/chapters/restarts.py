"""What IT does from its desk."""

import subprocess
import time

from tests.image.journey import ANSWER_S, ATTRACT, BOOT_S, Journey
from tests.image.vm import Vm, wait


def play(journey: Journey) -> None:
    notes = journey.notes
    notes.chapter("Restarts")
    kiosk = journey.kiosk
    for unit in ("kiosk", "antesala-screen", "mqtt-bridge@kiosk"):
        began = time.monotonic()
        kiosk.run(f"systemctl restart {unit}")
        notes.took(f"systemctl restart {unit}", time.monotonic() - began)
        journey.album.until_read(kiosk, ATTRACT, f"restarted-{unit.partition('@')[0]}", ANSWER_S)
    kiosk.run("systemctl kill -s SIGSTOP kiosk")
    began = time.monotonic()
    pid = kiosk.run("systemctl show -p MainPID --value kiosk")
    wait(lambda: kiosk.run("systemctl show -p MainPID --value kiosk") not in (pid, "0\n"), "the watchdog", 120)
    notes.took("a kiosk that hangs is replaced", time.monotonic() - began)
    journey.album.until_read(kiosk, ATTRACT, "after-hang", ANSWER_S)
    began = time.monotonic()
    crash(kiosk)
    journey.album.until_read(kiosk, ATTRACT, "after-panic", BOOT_S)
    notes.took("the kernel panics: back at the first page", time.monotonic() - began)
    label = journey.booked()
    notes.check("and a ticket comes", ok=label, detail=label)


def crash(kiosk: Vm) -> None:
    """The kernel panics."""
    try:
        kiosk.run("sync; echo c > /proc/sysrq-trigger", ok=False, limit_s=10)
    except subprocess.TimeoutExpired:
        pass
    wait(lambda: not kiosk.answers(), "the machine to be down", 60)
