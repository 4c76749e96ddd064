"""A printer on USB, found by itself, pulled out and plugged in again while the kiosk runs."""

from officelib.health import OK
from tests.image.host import GUESTS_HOST
from tests.image.journey import ANSWER_S, ATTRACT, BOOT_S, KIOSK, Journey, parts
from tests.image.vm import Vm, wait

FOUND_BY_ITSELF = KIOSK.replace('printer = "serial:///dev/antesala/serial-printer"\n', "")
GADGET = "/sys/kernel/config/usb_gadget/printer/UDC"
CONTROLLER, PRINTER = "dummy_udc.0", "printer 1"


def play(journey: Journey) -> None:
    notes = journey.notes
    notes.chapter("A printer on USB")
    kiosk, serial_port = journey.kiosk, journey.kiosk.printer_port
    kiosk.shut_down()
    kiosk.put("antesala.toml", FOUND_BY_ITSELF)
    kiosk.printer_port = 0
    kiosk.start()
    journey.album.until_read(kiosk, ATTRACT, "no-printer", BOOT_S)
    wait(kiosk.answers, "the kiosk to answer", BOOT_S)
    wait(lambda: is_missed(kiosk), "the kiosk to tell that no printer is there", ANSWER_S)
    plug_in(journey)
    took = wait(lambda: is_found(kiosk), "the printer to be found", ANSWER_S)
    notes.took("plugged in to found", took)
    label = journey.booked()
    notes.check("a ticket comes from a USB printer", ok=label, detail=label)
    kiosk.run(f"echo > {GADGET}", ok=False)
    took = wait(lambda: is_missed(kiosk), "the kiosk to tell that it is gone", ANSWER_S)
    notes.took("pulled out to told", took)
    kiosk.run(f"echo {CONTROLLER} > {GADGET}")
    wait(lambda: is_found(kiosk), "the printer to be found again", ANSWER_S)
    label = journey.booked()
    notes.check("and once it is plugged in again", ok=label, detail=label)
    kiosk.shut_down()
    kiosk.put("antesala.toml", KIOSK)
    kiosk.printer_port = serial_port
    kiosk.start()
    journey.album.until_read(kiosk, ATTRACT, "serial-again", BOOT_S)


def plug_in(journey: Journey) -> None:
    """The gadget, and behind it the printer that is simulated on this machine."""
    kiosk = journey.kiosk
    kiosk.run("cat > /run/usb_printer.py", source=journey.programs / "usb_printer.py")
    where = f"{GUESTS_HOST} {journey.office.printer_port}"
    kiosk.run(f"systemd-run --unit=usb-printer /opt/antesala/bin/python /run/usb_printer.py {where}")


def is_found(kiosk: Vm) -> bool:
    return parts(kiosk).get(PRINTER, "").startswith(OK)


def is_missed(kiosk: Vm) -> bool:
    said = parts(kiosk).get(PRINTER, "")
    return bool(said) and not said.startswith(OK)
