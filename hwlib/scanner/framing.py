"""Where one code ends and the next begins, and which of them count. Pure."""

import re
from dataclasses import dataclass, field, replace

from hwlib.scanner import Scan

MAX_CODE_BYTES = 512
IDLE_MS = 100
"""A scanner without a suffix pauses at least so long after a code."""
CUT_OFF_MS = 1_000
"""A scanner that ends its codes with a sign and does not, for so long, was cut off."""
DEBOUNCE_MS = 2_000
"""The same code again within this time is the same paper still under the beam."""
AIM_PREFIX = re.compile(r"\][A-Za-z][0-9A-Za-z]")
"""Source: ISO/IEC 15424: a bracket, the symbology, a modifier."""


@dataclass
class Framer:
    """Cuts a stream of bytes into codes at CR, LF, ETX or a pause, of which `idle` is told."""

    _bytes: bytearray = field(default_factory=bytearray)
    _last_ms: int = 0
    _too_long: bool = False
    _has_suffix: bool = False

    def feed(self, data: bytes, now_ms: int) -> list[Scan]:
        """The codes that are complete now. A gap before data that waited already is a stall of ours, and no pause."""
        scans: list[Scan] = []
        self._last_ms = now_ms
        for byte in data:
            if byte in (0x0D, 0x0A, 0x03):
                self._has_suffix = self._has_suffix or bool(self._bytes)
                scans += self._end()
            elif len(self._bytes) >= MAX_CODE_BYTES:
                self._too_long = True
            elif byte != 0x02:
                self._bytes.append(byte)
        return scans

    def idle(self, now_ms: int) -> list[Scan]:
        """The code that a pause has ended: a whole one of a scanner that has no suffix, half a one of one that has."""
        if not self._bytes or now_ms - self._last_ms < (CUT_OFF_MS if self._has_suffix else IDLE_MS):
            return []
        if self._has_suffix:
            self._bytes.clear()
            self._too_long = False
            return [Scan("", "its end is missing")]
        return self._end()

    def _end(self) -> list[Scan]:
        data, too_long = bytes(self._bytes), self._too_long
        self._bytes.clear()
        self._too_long = False
        if too_long:
            return [Scan("", f"longer than {MAX_CODE_BYTES} bytes")]
        data = data.strip()
        if not data:
            return []
        try:
            return [without_aim(Scan(data.decode("utf-8")))]
        except UnicodeDecodeError:
            return [Scan("", "not readable as text")]


def without_aim(scan: Scan) -> Scan:
    """A scan with AIM's identifier taken off its text and told apart."""
    found = AIM_PREFIX.match(scan.text)
    return replace(scan, text=scan.text[found.end() :], aim=found.group()) if found else scan


@dataclass
class Debounce:
    """Lets a code through once, as long as it stays under the beam; another code passes at once."""

    hold_ms: int = DEBOUNCE_MS
    _seen_ms: dict[str, int] = field(default_factory=dict)

    def passes(self, scan: Scan, now_ms: int) -> bool:
        """Whether a scan is a new one."""
        if scan.problem:
            return True
        self._seen_ms = {text: at_ms for text, at_ms in self._seen_ms.items() if now_ms - at_ms < self.hold_ms}
        repeated = scan.text in self._seen_ms
        self._seen_ms[scan.text] = now_ms
        return not repeated
