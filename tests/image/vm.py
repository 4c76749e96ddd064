"""An appliance in QEMU: the image as it is flashed, with keyboard, finger, printer, panel, sound card and cable."""

import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from bench.office.ports import free_ports
from tests.image.lan import Port

FIRMWARE = Path("/usr/share/OVMF/OVMF_CODE_4M.fd")
VARIABLES = Path("/usr/share/OVMF/OVMF_VARS_4M.fd")
UBOOT = Path("/usr/lib/u-boot/qemu_arm64/u-boot.bin")
FAT_AT = "@@1M"
ABS_MAX = 32767
HOLD_MS = 15
LOOPBACK = "127.0.0.1"
SOUND_CARD = ["-device", "intel-hda", "-device", "hda-output,audiodev=wav"]
TWO_PANELS = "virtio-vga,id=panels,max_outputs=2"
KEYS = {"-": "minus", ":": "shift-semicolon", "/": "slash", ".": "dot", "\n": "ret", " ": "spc"}


def wait(condition: Callable[[], object], what: str, limit_s: float, pause_s: float = 0.5) -> float:
    """Until something is so; returns after how many seconds."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > limit_s:
            raise AssertionError(f"waited {limit_s:.0f} s for {what}")
        time.sleep(pause_s)
    return time.monotonic() - began


@dataclass
class Vm:
    """One machine. Its disk is a layer above the image, in `folder`; it stays from one start to the next.

    Attributes:
        panel_px: As the panel is made, not as it hangs.
        lan: Its cable; without, a network of its own that leads to this machine.
        clock: What its clock says when it is switched on, as "2020-01-01T00:00:00"; "utc" where it goes right.
        panels: How many it has; the second, on Virtual-2, is off until the machine's kernel is told that it is there.
        turned: By how many degrees it turns its picture, clockwise; the panel hangs so that it is upright.
    """

    name: str
    image: Path
    folder: Path
    panel_px: tuple[int, int]
    printer_port: int = 0
    board: str = "pc"
    memory_mb: int = 1536
    lan: Port | None = None
    sound: bool = False
    clock: str = "utc"
    panels: int = 1
    turned: int = 0
    process: "subprocess.Popen[bytes] | None" = None
    address: str = LOOPBACK
    ssh_port: int = 0
    _qmp: "socket.socket | None" = field(default=None, repr=False)

    def make(self, settings: str, files: Mapping[str, str]) -> None:
        """Flash it, and put the technician's file and others on its FAT partition."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        subprocess.run(["cp", "--sparse=always", self.image, self.disk], check=True)
        os.truncate(self.disk, 4 << 30)  # the card is larger than the image
        shutil.copy(VARIABLES, self.folder / "vars.fd")
        self.put("antesala.toml", settings)
        for name, text in files.items():
            self.put(name, text)

    @property
    def disk(self) -> Path:
        return self.folder / "disk.img"

    @property
    def heard(self) -> Path:
        """What its loudspeaker has said since it was switched on: a WAV, 16 bit."""
        return self.folder / "heard.wav"

    @property
    def mac(self) -> str:
        return "52:54:00:" + ":".join(f"{one:02x}" for one in hashlib.sha256(self.name.encode()).digest()[:3])

    @property
    def is_on(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def put(self, name: str, text: str) -> None:
        """Write a file of the FAT partition, as at another computer; the machine must be off."""
        source = self.folder / "put"
        source.write_text(text)
        subprocess.run(["mcopy", "-o", "-i", f"{self.disk}{FAT_AT}", source, f"::{name}"], check=True)

    def get(self, name: str) -> str:
        """Read a file of the FAT partition."""
        done = subprocess.run(["mtype", "-i", f"{self.disk}{FAT_AT}", f"::{name}"], check=True, capture_output=True)
        return done.stdout.decode()

    def names(self, folder: str) -> list[str]:
        """The names in a folder of the FAT partition."""
        words = ["mdir", "-b", "-i", f"{self.disk}{FAT_AT}", f"::{folder}"]
        done = subprocess.run(words, check=True, capture_output=True)
        return [line.rpartition("/")[2] for line in done.stdout.decode().split("\n") if line]

    def start(self) -> None:
        """Switch it on."""
        qmp = self.folder / "qmp"
        qmp.unlink(missing_ok=True)
        width, height = self.panel_px
        if self.lan is None:
            (self.ssh_port,) = free_ports(1)
            net = f"user,id=net,hostfwd=tcp:{LOOPBACK}:{self.ssh_port}-:22"
        else:
            self.address, self.ssh_port = self.lan.address, 22
            net = f"tap,id=net,ifname={self.lan.tap},script=no,downscript=no"
        printer = ["-chardev", f"socket,id=prn,host=127.0.0.1,port={self.printer_port}"] if self.printer_port else []
        serial = ["-device", "usb-serial,chardev=prn,bus=xhci.0"] if self.printer_port else []
        log = (self.folder / "qemu.log").open("ab")
        size = f"edid=on,xres={width},yres={height}"
        machine = {"pc": self._pc, "pi": self._like_a_pi}[self.board](size)
        self.process = subprocess.Popen(
            [*machine, "-accel", "tcg,thread=multi,tb-size=512"]
            + ["-smp", "2", "-m", str(self.memory_mb), "-display", "none", "-nodefaults", "-no-user-config"]
            + ["-drive", f"if=virtio,format=raw,file={self.disk},cache=writeback"]
            + ["-device", "qemu-xhci,id=xhci", "-device", "usb-kbd,bus=xhci.0", "-device", "usb-tablet,bus=xhci.0"]
            + ["-netdev", net, "-device", f"virtio-net,netdev=net,mac={self.mac}", "-rtc", f"base={self.clock}"]
            + (["-audiodev", f"wav,id=wav,path={self.heard}", *SOUND_CARD] if self.sound else [])
            + ["-watchdog-action", "reset", "-serial", f"file:{self.folder / 'console.log'}"]
            + ["-device", "virtio-rng-pci", "-qmp", f"unix:{qmp},server=on,wait=off", *printer, *serial],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        wait(qmp.exists, "QEMU", 20, 0.1)
        self._qmp = socket.socket(socket.AF_UNIX)
        self._qmp.settimeout(60)
        self._qmp.connect(str(qmp))
        self._lines = self._qmp.makefile("rb")
        self._lines.readline()
        self.ask("qmp_capabilities")

    def _pc(self, size: str) -> list[str]:
        return (
            ["qemu-system-x86_64", "-machine", "q35", "-cpu", "max", "-device", "i6300esb"]
            + ["-drive", f"if=pflash,format=raw,unit=0,readonly=on,file={FIRMWARE}"]
            + ["-drive", f"if=pflash,format=raw,unit=1,file={self.folder / 'vars.fd'}"]
            + ["-device", f"VGA,{size},vgamem_mb=32" if self.panels == 1 else f"{TWO_PANELS},{size}"]
        )

    @staticmethod
    def _like_a_pi(size: str) -> list[str]:
        """The same processor and the same boot script; U-Boot is the one for this machine, its devices are others."""
        words = ["qemu-system-aarch64", "-machine", "virt", "-cpu", "cortex-a72", "-bios", str(UBOOT)]
        return [*words, "-device", f"virtio-gpu-pci,{size}"]

    def ask(self, what: str, **arguments: Any) -> Any:
        """A command of QEMU's monitor."""
        assert self._qmp is not None
        self._qmp.sendall(json.dumps({"execute": what, "arguments": arguments}).encode() + b"\n")
        while True:
            line = self._lines.readline()
            if not line:
                raise AssertionError(f"{self.name}: QEMU is gone; see {self.folder / 'qemu.log'}")
            answer = json.loads(line)
            if "error" in answer:
                raise AssertionError(f"{self.name}: {what}: {answer['error']}")
            if "return" in answer:
                return answer["return"]

    def cut(self) -> None:
        """Pull the plug."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self._qmp = None

    def plug(self, *, is_in: bool) -> None:
        """Its network cable."""
        self.ask("set_link", name="net", up=is_in)

    def shut_down(self) -> None:
        """In good order."""
        self.run("systemctl poweroff", ok=False)
        assert self.process is not None
        self.process.wait(180)
        self._qmp = None

    def scan(self, text: str) -> None:
        """A scanner types a code, and Enter."""
        for sign in text + "\n":
            name = KEYS.get(sign) or (f"shift-{sign.lower()}" if sign.isupper() else sign)
            keys = [{"type": "qcode", "data": one} for one in name.split("-", 1 if name.startswith("shift-") else 0)]
            self.ask("send-key", keys=keys, **{"hold-time": HOLD_MS})
            time.sleep(HOLD_MS * 2 / 1000)

    def touch(self, x_px: float, y_px: float) -> None:
        """A finger at a place of the panel."""
        width, height = self.panel_px
        at = {"x": round(x_px / width * ABS_MAX), "y": round(y_px / height * ABS_MAX)}
        move = [{"type": "abs", "data": {"axis": axis, "value": value}} for axis, value in at.items()]
        for is_down in (True, False):
            press = {"type": "btn", "data": {"down": is_down, "button": "left"}}
            self.ask("input-send-event", events=[*move, press] if is_down else [press])
            time.sleep(0.2)

    def press_panel(self, x_px: float, y_px: float) -> None:
        """A finger on a touch panel that is built into the panel, at a place of the upright picture."""
        width, height = self.panel_px
        x, y = {0: (x_px, y_px), 90: (width - y_px, x_px), 270: (y_px, height - x_px)}[self.turned]
        program = Path(__file__).parent / "programs/finger.py"
        self.run(f"/opt/antesala/bin/python - {x / width} {y / height}", source=program)

    def picture(self, path: Path, panel: int = 0) -> Image.Image:
        """What a panel shows, also kept as PNG."""
        raw = self.folder / "screen.ppm"
        self.ask("screendump", filename=str(raw), **({"device": "panels", "head": panel} if panel else {}))
        with Image.open(raw) as shown:
            shown.load()
        upright = shown.rotate(self.turned, expand=True)
        upright.save(path)
        return upright

    def run(self, *words: str, ok: bool = True, limit_s: float = 120, source: Path = Path(os.devnull)) -> str:
        """A command in there, over SSH with the key that lies on its FAT partition; it reads from `source`."""
        key = self.folder.parent / "ssh-key"
        options = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ConnectTimeout=60 -o LogLevel=ERROR"
        with source.open("rb") as file:
            done = subprocess.run(
                ["ssh", *options.split(), "-i", key, "-p", str(self.ssh_port), f"root@{self.address}", *words],
                capture_output=True,
                text=True,
                timeout=limit_s,
                stdin=file,
                check=False,
            )
        if ok and done.returncode:
            raise AssertionError(f"{self.name}: {' '.join(words)}: {done.returncode} {done.stdout}{done.stderr}")
        return done.stdout

    def answers(self) -> bool:
        """Whether it can be reached."""
        try:
            return self.run("echo up", ok=False, limit_s=25) == "up\n"
        except subprocess.TimeoutExpired:
            return False
