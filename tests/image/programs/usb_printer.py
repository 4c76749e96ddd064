"""Run in the machine: a receipt printer at its USB, by the kernel's own gadget; behind it stands a simulated one."""

import contextlib
import os
import select
import socket
import subprocess
import sys
import time
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
CHUNK_BYTES, AGAIN_S = 4096, 0.5


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
    while True:
        try:
            device = os.open(DEVICE, os.O_RDWR | os.O_NONBLOCK)
        except OSError:  # nobody at the other end of the cable has let it in
            time.sleep(AGAIN_S)
        else:
            with socket.create_connection((host, port)) as paper:
                be_printer(device, paper)


def be_printer(device: int, paper: socket.socket) -> None:
    """Until the cable is pulled out. One thread: the kernel lets nobody write there while another waits to read."""
    ends: list[int | socket.socket] = [device, paper]
    with contextlib.suppress(OSError):
        while True:
            for ready in select.select(ends, [], [])[0]:
                if ready is paper:
                    os.write(device, paper.recv(CHUNK_BYTES))
                else:
                    paper.sendall(os.read(device, CHUNK_BYTES))
    os.close(device)


main()
