"""Run in the machine: a receipt printer at its USB, by the kernel's own gadget; behind it stands a simulated one."""

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

GADGET = Path("/sys/kernel/config/usb_gadget/printer")
DEVICE = "/dev/g_printer0"
ENGLISH = "strings/0x409"
FACTS = {
    "idVendor": "0x04b8",
    "idProduct": "0x0e28",
    f"{ENGLISH}/manufacturer": "EPSON",
    f"{ENGLISH}/product": "TM-m30III",
    f"{ENGLISH}/serialnumber": "X7A1000001",
    "functions/printer.0/pnp_string": "MFG:EPSON;CMD:ESC/POS;MDL:TM-m30III;CLS:PRINTER;",
}
CHUNK_BYTES = 4096


def main() -> None:
    host, port = sys.argv[1], int(sys.argv[2])
    subprocess.run(["modprobe", "-a", "libcomposite", "usb_f_printer", "dummy_hcd"], check=True)
    subprocess.run(["mount", "-t", "configfs", "none", "/sys/kernel/config"], check=False, capture_output=True)
    for folder in ("", ENGLISH, "configs/c.1", "functions/printer.0"):
        (GADGET / folder).mkdir(exist_ok=True)
    for name, text in FACTS.items():
        (GADGET / name).write_text(text)
    (GADGET / "configs/c.1/printer.0").symlink_to(GADGET / "functions/printer.0")
    (GADGET / "UDC").write_text("dummy_udc.0")
    paper = socket.create_connection((host, port))
    device = os.open(DEVICE, os.O_RDWR)

    def answer() -> None:
        while said := paper.recv(CHUNK_BYTES):
            os.write(device, said)

    threading.Thread(target=answer, daemon=True).start()
    while True:
        paper.sendall(os.read(device, CHUNK_BYTES))


main()
