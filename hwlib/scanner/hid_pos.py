"""A scanner in HID-POS mode, over hidraw: a whole code with its symbology in one report; no layout, no lost key.

Source: USB-IF, HID Point of Sale Usage Tables 1.02, page 8Ch, bar code scanner.
"""

import fcntl
import os
import select
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from hwlib.errors import DeviceGone, HardwareError, PermissionDenied
from hwlib.reading import DeviceReader
from hwlib.scanner import Scan
from hwlib.scanner.framing import CUT_OFF_MS, MAX_CODE_BYTES, Debounce, without_aim

WAIT_S = 0.1
LONGEST_REPORT_BYTES = 4_096
GET_DESCRIPTOR_SIZE, GET_DESCRIPTOR = 0x80044801, 0x90044802
"""HIDIOCGRDESCSIZE and HIDIOCGRDESC. Source: linux/hidraw.h."""
PAGE = 0x8C
AIM_USAGES = (0xFB, 0xFC, 0xFD)
DATA, CONTINUED = 0xFE, 0xFF


@dataclass(frozen=True)
class Field:
    """Where a usage stands in a report: bits from its start (after the report's number), of one item, and how many."""

    report: int
    at_bits: int
    bits: int
    count: int


@dataclass(frozen=True)
class Shape:
    """What a descriptor says of a scanner's reports."""

    data: Field
    aim: tuple[Field, ...]
    continued: Field | None
    has_numbers: bool


def shape_of(descriptor: bytes) -> Shape:
    """Read a report descriptor.

    Raises:
        HardwareError: no bar code scanner of page 8Ch.
    """
    fields, has_numbers = _input_fields(descriptor)
    if (PAGE, DATA) not in fields:
        raise HardwareError("the device is no HID-POS scanner; scan its maker's code for HID-POS mode")
    aim = tuple(fields[PAGE, usage] for usage in AIM_USAGES if (PAGE, usage) in fields)
    return Shape(fields[PAGE, DATA], aim, fields.get((PAGE, CONTINUED)), has_numbers)


@dataclass
class ReportReader:
    """Makes scans of reports. Pure."""

    shape: Shape
    _data: bytearray = field(default_factory=bytearray)
    _aim: bytes = b""
    _last_ms: int = 0

    def feed(self, report: bytes, now_ms: int = 0) -> list[Scan]:
        """The scans that a report completes. A part whose rest did not come in time is no code."""
        if self._data and now_ms - self._last_ms > CUT_OFF_MS:
            self._data.clear()
            return [Scan("", "its end is missing"), *self.feed(report, now_ms)]
        self._last_ms = now_ms
        number, body = (report[0], report[1:]) if self.shape.has_numbers and report else (0, report)
        if number != self.shape.data.report:
            return []
        if not self._data and self.shape.aim:
            self._aim = bytes(_value(body, one) & 0xFF for one in self.shape.aim)
        at = self.shape.data.at_bits // 8
        self._data += body[at : at + self.shape.data.count].rstrip(b"\x00")
        goes_on = self.shape.continued is not None and _value(body, self.shape.continued) & 1
        if goes_on and len(self._data) <= MAX_CODE_BYTES:
            return []
        data, aim = bytes(self._data), self._aim.strip(b"\x00").decode("ascii", "replace")
        self._data.clear()
        if len(data) > MAX_CODE_BYTES:
            return [Scan("", f"longer than {MAX_CODE_BYTES} bytes")]
        try:
            text = data.decode("utf-8").strip("\r\n\t ")
        except UnicodeDecodeError:
            return [Scan("", "not readable as text")]
        if not text:
            return []
        scan = without_aim(Scan(text))
        return [Scan(scan.text, aim=scan.aim or aim)]


class HidPosScanner(DeviceReader):
    """Reads a hidraw device."""

    def __init__(self, path: str, on_scan: Callable[[Scan], None]) -> None:
        """Args:
        path: As /dev/hidraw0, better a link of udev.
        on_scan: Called in the scanner's thread.
        """
        super().__init__(f"scanner {path}", self._open)
        self._path, self._on_scan = path, on_scan

    def _open(self, ended: threading.Event) -> None:
        try:
            device = os.open(self._path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        except PermissionError as error:
            rule = 'KERNEL=="hidraw*", SUBSYSTEM=="hidraw", GROUP="input", MODE="0660"'
            raise PermissionDenied(f"{self._path}: add the udev rule {rule}") from error
        try:
            self.read(device, ReportReader(shape_of(_descriptor(device))), ended)
        finally:
            os.close(device)

    def read(self, device: int, reader: ReportReader, ended: threading.Event) -> None:
        """Read reports of an open device until the event is set.

        Raises:
            DeviceGone: it went away.
        """
        debounce = Debounce()
        self._is_read()
        while not ended.is_set():
            if not select.select([device], [], [], WAIT_S)[0]:
                continue
            report = os.read(device, LONGEST_REPORT_BYTES)
            if not report:
                raise DeviceGone("the device went away")
            now_ms = time.monotonic_ns() // 1_000_000
            for scan in reader.feed(report, now_ms):
                if debounce.passes(scan, now_ms):
                    self._on_scan(scan)


def _descriptor(device: int) -> bytes:
    size = struct.unpack("i", fcntl.ioctl(device, GET_DESCRIPTOR_SIZE, bytes(4)))[0]
    room = bytearray(struct.pack("I", size) + bytes(4096))
    fcntl.ioctl(device, GET_DESCRIPTOR, room)
    return bytes(room[4 : 4 + size])


def _input_fields(descriptor: bytes) -> tuple[dict[tuple[int, int], Field], bool]:
    """All input fields by page and usage, and whether reports carry a number. Source: HID 1.11, 6.2.2."""
    found: dict[tuple[int, int], Field] = {}
    page = size = count = number = at = 0
    offsets: dict[int, int] = {}
    usages: list[int] = []
    while at < len(descriptor):
        head = descriptor[at]
        length = (0, 1, 2, 4)[head & 3]
        value = int.from_bytes(descriptor[at + 1 : at + 1 + length], "little")
        at += 1 + length
        match head & 0xFC:
            case 0x04:
                page = value
            case 0x74:
                size = value
            case 0x94:
                count = min(value, LONGEST_REPORT_BYTES)
            case 0x84:
                number = value
            case 0x08:
                usages.append(value)
            case 0x80:
                start = offsets.get(number, 0)
                each = 1 if len(usages) > 1 else count
                for index, usage in enumerate(usages):
                    found.setdefault((page, usage), Field(number, start + index * size, size, each))
                offsets[number] = start + size * count
                usages = []
            case 0x90 | 0xB0 | 0xA0 | 0xC0:
                usages = []
            case _:
                pass
    return found, number != 0


def _value(body: bytes, one: Field) -> int:
    """A field's first item; 0 where the report is too short."""
    bits = int.from_bytes(body, "little") >> one.at_bits
    return bits & ((1 << one.bits) - 1)
