"""A printer as a machine: takes bytes into a buffer, prints them at its speed, answers, and fails on demand."""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from hwlib.sim.escpos_decoder import EscPosDecoder
from hwlib.sim.paper import Paper, Ticket
from hwlib.sim.star_decoder import StarDecoder

REAL_TIME = re.compile(rb"\x10\x04[\x01-\x04\x14]|\x10\x05[\x00-\x02]|\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08")
UNFINISHED = re.compile(rb"\x10(?:\x04|\x05|\x14(?:\x08(?:\x01(?:\x03(?:\x14(?:\x01(?:\x06(?:\x02)?)?)?)?)?)?)?)?\Z")
"""The beginning of a real-time command at the end of what came: its rest may be on the way."""
ENDLESS_MM = 1e9
Answers = Literal["escpos", "custom", "star"]


@dataclass
class Hand:
    """What a hand at the printer, or bad luck, can change.

    Attributes:
        paper_left_mm: What the roll still has; at 0 the printer stops, in the middle of a ticket if need be.
        near_end: What the sensor of the near end says.
        silent: It prints, and its answers are lost.
        deaf: It takes no byte.
        lose_replies: How many of the next answers are lost.
        split_replies: Whether answers come byte by byte.
        no_process_id: Whether it ignores GS ( H.
        jam_at_cut: Whether the cutter sticks at the next cut.
        mm_s: How fast it prints.
    """

    mm_s: float = 250.0

    paper_left_mm: float = ENDLESS_MM
    cover_closed: bool = True
    near_end: bool = False
    cutter_stuck: bool = False
    head_hot: bool = False
    broken: bool = False
    silent: bool = False
    deaf: bool = False
    lose_replies: int = 0
    split_replies: bool = False
    no_process_id: bool = False
    jam_at_cut: bool = False


class PrinterModel:
    """A simulated printer without a port: ports give it bytes and take its answers."""

    def __init__(
        self,
        on_ticket: Callable[[Ticket, bytes, int], None],
        *,
        dots: int = 576,
        dpi: int = 203,
        mm_s: float = 250.0,
        buffer_bytes: int = 65_536,
        answers: Answers = "escpos",
        has_presenter: bool = False,
    ) -> None:
        """Args:
        on_ticket: Called with each ticket that was cut, its bytes, and when its paper began to move (boot ms).
        dots: Width of the head.
        dpi: Dots an inch.
        mm_s: How fast it prints.
        buffer_bytes: What it takes before it has printed.
        answers: How it speaks.
        has_presenter: Whether it holds tickets in its mouth.
        """
        self.hand = Hand(mm_s=mm_s)
        self.at_outlet = False
        self.pulled, self.retracted = 0, 0
        self._on_ticket, self._answers, self._has_presenter = on_ticket, answers, has_presenter
        self._dpi, self._buffer_bytes = dpi, buffer_bytes
        self._paper = Paper(dots)
        decoder = StarDecoder if answers == "star" else EscPosDecoder
        self.decoder = decoder(self._paper, self._say, self._cut, self._device_command)
        if isinstance(self.decoder, EscPosDecoder):
            self.decoder.dpi = dpi
        self._hosts: list[Callable[[bytes], None]] = []
        self._lock = threading.RLock()
        self._tail = b""
        self._stream, self._raw = bytearray(), bytearray()
        self._out: list[Ticket] = []
        self._began_ms = 0
        self._latched = self._starved = False
        self._automatic = False
        self._told = b""
        self._ended = threading.Event()
        threading.Thread(target=self._run, name="printer-model", daemon=True).start()

    def stop(self) -> None:
        """Switch it off."""
        self._ended.set()

    def attach(self, say: Callable[[bytes], None]) -> None:
        """A host is there, and hears the answers."""
        with self._lock:
            self._hosts.append(say)

    def detach(self, say: Callable[[bytes], None]) -> None:
        """It went away."""
        with self._lock:
            self._hosts.remove(say)
            self._automatic = self._automatic and bool(self._hosts)

    @property
    def room(self) -> int:
        """How many bytes it takes now. A command longer than the buffer is taken as it is printed."""
        if self.hand.deaf:
            return 0
        room = self._buffer_bytes - self.decoder.waiting_bytes
        return self._buffer_bytes if room <= 0 and self._starved else max(0, room)

    @property
    def is_blocked(self) -> bool:
        """Whether it prints nothing now."""
        hand = self.hand
        out = hand.paper_left_mm <= 0
        return out or not hand.cover_closed or hand.cutter_stuck or hand.head_hot or hand.broken or self._latched

    def receive(self, data: bytes) -> None:
        """Take bytes; real-time commands among them are obeyed at once, wherever they stand."""
        with self._lock:
            data, self._tail = self._tail + data, b""
            if self._answers != "star":
                unfinished = UNFINISHED.search(data)
                if unfinished:
                    data, self._tail = data[: unfinished.start()], data[unfinished.start() :]
                data = REAL_TIME.sub(self._real_time, data)
            elif b"\x1b\x06\x01" in data:
                data = data.replace(b"\x1b\x06\x01", b"")
                self._say(self._star_status())
            self._stream += data
            self.decoder.take(data)

    def take_ticket(self) -> None:
        """A hand takes the ticket out of the mouth."""
        with self._lock:
            if self.at_outlet:
                self.at_outlet = False
                self.pulled += 1

    def power_cycle(self) -> None:
        """Off and on: all that was not printed is gone."""
        with self._lock:
            self._clear()
            self._paper.cut()
            self._automatic = self._latched = False

    # --- printing

    def _run(self) -> None:
        while not self._ended.wait(0.0 if self._work() else 0.005):
            pass

    def _work(self) -> bool:
        """One command; False when there is nothing to do."""
        with self._lock:
            self._tell_change()
            if self.is_blocked:
                self._starved = False
                return False
            before = self._paper.fed_dots
            used = self.decoder.step()
            self._starved = not used
            if not used:
                return False
            if not self._began_ms and self._paper.fed_dots > before:
                self._began_ms = time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
            self._raw += self._stream[:used]
            del self._stream[:used]
            self._hand_out()
            fed_mm = (self._paper.fed_dots - before) / self._dpi * 25.4
            self.hand.paper_left_mm -= fed_mm
        if fed_mm:
            self._ended.wait(fed_mm / self.hand.mm_s)
        return True

    def _cut(self) -> None:
        if self.hand.jam_at_cut:
            self.hand.jam_at_cut, self.hand.cutter_stuck = False, True
            self._latched = True
        ticket = self._paper.cut()
        if ticket is not None:
            self.at_outlet = self._has_presenter
            self._out.append(ticket)
        else:
            self._raw.clear()
            self._began_ms = 0

    def _hand_out(self) -> None:
        """The tickets that the last command cut, with the bytes that made them."""
        for ticket in self._out:
            self._on_ticket(ticket, bytes(self._raw), self._began_ms)
            self._raw.clear()
            self._began_ms = 0
        self._out.clear()

    # --- answers

    def _say(self, data: bytes) -> None:
        if self.hand.silent:
            return
        if self.hand.lose_replies:
            self.hand.lose_replies -= 1
            return
        if self.hand.no_process_id and data[:2] == b"\x37\x22":
            return
        for host in list(self._hosts):
            for piece in [bytes((byte,)) for byte in data] if self.hand.split_replies else [data]:
                host(piece)

    def _real_time(self, match: "re.Match[bytes]") -> bytes:
        command = match.group()
        if command[1] == 0x04:
            self._say(self._full_status() if command[2] == 0x14 else bytes((self._status(command[2]),)))
        elif command[1] == 0x05:
            if not self.hand.cutter_stuck:
                self._latched = False
            if command[2] == 2:
                self._clear()
        else:
            self._clear()
            self._say(b"\x37\x25\x00")
        return b""

    def _clear(self) -> None:
        self.decoder.clear()
        self._stream.clear()
        self._raw.clear()
        self._began_ms = 0

    def _status(self, number: int) -> int:
        """DLE EOT. Source: Epson's reference."""
        hand, out = self.hand, self.hand.paper_left_mm <= 0
        byte = {1: 0x16, 2: 0x12, 3: 0x12, 4: 0x12}[number]
        error = hand.cutter_stuck or self._latched or hand.head_hot or hand.broken
        if number == 1:
            return byte | (0x08 if self.is_blocked else 0)
        if number == 2:
            return byte | (0 if hand.cover_closed else 0x04) | (0x20 if out else 0) | (0x40 if error else 0)
        if number == 3:
            cutter = 0x08 if hand.cutter_stuck or self._latched else 0
            return byte | cutter | (0x20 if hand.broken else 0) | (0x40 if hand.head_hot else 0)
        return byte | (0x0C if hand.near_end or out else 0) | (0x60 if out else 0)

    def _automatic_status(self) -> bytes:
        """ASB. Source: Epson's reference, GS a."""
        hand, out = self.hand, self.hand.paper_left_mm <= 0
        first = 0x10 | (0x08 if self.is_blocked else 0) | (0 if hand.cover_closed else 0x20)
        second = 0x08 if hand.cutter_stuck or self._latched else 0
        second |= (0x20 if hand.broken else 0) | (0x40 if hand.head_hot else 0)
        third = (0x03 if hand.near_end or out else 0) | (0x0C if out else 0)
        return bytes((first, second, third, 0))

    def _full_status(self) -> bytes:
        """Custom's DLE EOT 20."""
        hand, out = self.hand, self.hand.paper_left_mm <= 0
        paper = (0x01 if out else 0) | (0x04 if hand.near_end else 0) | (0x20 if self.at_outlet else 0)
        busy = bool(self.decoder.waiting_bytes)
        user = (0 if hand.cover_closed else 0x02) | (0x0C if busy else 0)
        error = (0x01 if hand.cutter_stuck or self._latched else 0) | (0x04 if hand.broken else 0)
        return b"\x10\x0f" + bytes((paper, user, 0x01 if hand.head_hot else 0, error))

    def _star_status(self) -> bytes:
        """Star's automatic status of nine bytes."""
        hand, out = self.hand, self.hand.paper_left_mm <= 0
        first = (0x08 if self.is_blocked else 0) | (0 if hand.cover_closed else 0x20)
        second = (0x08 if hand.cutter_stuck else 0) | (0x20 if hand.broken else 0) | (0x40 if hand.head_hot else 0)
        fourth = (0x08 if out else 0) | (0x04 if hand.near_end else 0)
        return bytes((0x23, 0x06, first, second, 0, fourth, 0, 0, 0))

    def _tell_change(self) -> None:
        """Automatic status at each change, where the host asked for it."""
        now = self._star_status() if self._answers == "star" else self._automatic_status()
        if self._automatic and now != self._told:
            self._say(now)
        self._told = now

    def _device_command(self, name: bytes, value: int) -> None:
        if name in (b"GS a", b"AUTO"):
            self._automatic = bool(value)
            self._told = b""
        elif name in (b"GS e", b"SYN0"):
            if value == 6:
                self._say(bytes((0x08 if self.at_outlet else 0x00,)))
            elif (name == b"SYN0" or value == 2) and self.at_outlet:
                self.at_outlet = False
                self.retracted += 1
        elif name == b"SYN3":
            count = self.retracted if value & 1 else self.pulled
            self._say(b"\x1b\x16\x33" + bytes((value,)) + count.to_bytes(4, "big"))
