"""An office made of images alone, on a switch that leads nowhere: the hub, and a kiosk whose clock stands in 2020."""

import re
import time

from bench.office.clerk import ClerkClient
from tests.image import lan
from tests.image.journey import ANSWER_S, BOOT_S, KIOSK, Journey
from tests.image.vm import Vm, wait

PIN, DEVICE, WEB_TCP = "271828", "k1", 8420
LONG_AGO = "2020-01-01T00:00:00"
HUB = f"""roles = ["hub"]
office = "o77"
office_name = "Oficina de la Ribera"
pin = "{PIN}"
"""
WALK_IN = ("Elegir un servicio", "Atención general", "Sacar")
CUT_OFF_S, MINUTE_S = 20.0, 60.0


def play(journey: Journey) -> None:
    notes = journey.notes
    notes.chapter("An office of images alone")
    journey.switch_all_off()
    ports = lan.put_up()
    try:
        began = time.monotonic()
        hub, console = first_hub(journey, ports["hub"])
        notes.took("hub switched on to its first clerk at the console", time.monotonic() - began)
        words = journey.album.until_read(hub, "servidor de la oficina", "hub", ANSWER_S)
        shown = " ".join(word.text for word in words)
        notes.check("its panel says where the console is", ok=f"{ports['hub'].address}:{WEB_TCP}" in shown)
        kiosk = first_kiosk(journey, ports["kiosk"], code_for(console))
        notes.took("hub switched on to the kiosk's first page", time.monotonic() - began)
        label = journey.walked_in(WALK_IN)
        notes.took("hub switched on to the first ticket", time.monotonic() - began)
        notes.check("a ticket comes", ok=label, detail=label)
        seen = wait(lambda: label in waiting(console), "the ticket at the console", ANSWER_S)
        notes.check("and waits at the console", ok=True, detail=f"{seen:.1f} s")
        behind_s = time.time() - float(kiosk.run("date +%s"))
        behind = f"{behind_s:.0f} s"
        notes.check("though the kiosk's clock is wrong, and nobody sets it", ok=behind_s > MINUTE_S, detail=behind)
        without_network(journey, kiosk, console)
        without_hub(journey, hub, console)
    finally:
        journey.switch_all_off()
        lan.take_down()


def first_hub(journey: Journey, port: lan.Port) -> tuple[Vm, ClerkClient]:
    """The office's own machine, flashed and switched on, and its clerk."""
    hub = journey.machine("hub", "kiosk")
    hub.lan = port
    hub.make(HUB + port.settings, journey.keys_of_technician)
    hub.start()
    console = ClerkClient(f"http://{port.address}:{WEB_TCP}/", "admin", PIN, "c1")
    wait(lambda: is_let_in(console), "the console", BOOT_S)
    return hub, console


def is_let_in(console: ClerkClient) -> bool:
    try:
        console.sign_in()
    except OSError:
        return False
    return True


def code_for(console: ClerkClient) -> str:
    """The page "New device"; the code that stands on it."""
    page = console.post("fleet/new", name=DEVICE)
    found = re.search(r"<code>(QE1[^<]+)</code>", page)
    assert found is not None, page
    return found[1]


def first_kiosk(journey: Journey, port: lan.Port, code: str) -> Vm:
    """Flashed, switched on, and shown its code."""
    kiosk = journey.machine("kiosk", "kiosk", journey.office.printer_port)
    kiosk.lan, kiosk.clock = port, LONG_AGO
    kiosk.make(port.settings + KIOSK, journey.keys_of_technician)
    kiosk.start()
    journey.album.until_read(kiosk, "codigo de alta", "enrolment", BOOT_S)
    journey.let_in(kiosk, code)
    return kiosk


def waiting(console: ClerkClient) -> str:
    return str(console.view())


def without_network(journey: Journey, kiosk: Vm, console: ClerkClient) -> None:
    """Somebody trips over the cable; tickets come, and are told when it is back."""
    notes = journey.notes
    kiosk.plug(is_in=False)
    wait(lambda: not console.view()["devices"].get(DEVICE), "the kiosk to be away", ANSWER_S)
    label = journey.walked_in(WALK_IN)
    notes.check("without its cable, a ticket comes", ok=label, detail=label)
    time.sleep(CUT_OFF_S)
    kiosk.plug(is_in=True)
    took = wait(lambda: label in waiting(console), "the ticket of the cut-off kiosk", ANSWER_S)
    notes.took("cable in again to the ticket at the console", took)


def without_hub(journey: Journey, hub: Vm, console: ClerkClient) -> None:
    """The hub's plug is pulled; tickets come, and it knows them when it is back."""
    notes = journey.notes
    hub.cut()
    label = journey.walked_in(WALK_IN)
    notes.check("without its hub, a ticket comes", ok=label, detail=label)
    began = time.monotonic()
    hub.start()
    wait(lambda: is_let_in(console), "the console", BOOT_S)
    wait(lambda: label in waiting(console), "the ticket of the kiosk alone", BOOT_S)
    notes.took("hub switched on again to that ticket at the console", time.monotonic() - began)
