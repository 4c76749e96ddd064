"""What a bridge hands to its app over the unix socket: one line of JSON each, in order."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec

from officelib.arrival import Anchor
from officelib.board import BoardSnapshot
from officelib.catalogue import Catalogue
from officelib.errand import Kind, Outcome
from officelib.events import LogEntry, RefusalReason
from officelib.health import AppHealth

RECONNECT_S = 0.3


class Line(msgspec.Struct, frozen=True, tag_field="t"):
    """Base of all lines."""


class WantGranted(msgspec.Struct, frozen=True, tag_field="r", tag="granted"):
    """The hub's answer to the want `seq`. `persons` come together; `then` are services that follow in their visit."""

    seq: int
    label: str
    service: str
    ahead: int
    wait_min: int | None
    slot_ms: int = 0
    spread_min: tuple[int, int] | None = None
    persons: int = 1
    then: tuple[str, ...] = ()


class WantDenied(msgspec.Struct, frozen=True, tag_field="r", tag="denied"):
    """The hub gives no ticket for the want `seq`; `label` is the one that stands instead.

    `service` is that ticket's; or, where the hub has no number left, the one that was asked for.
    """

    seq: int
    reason: RefusalReason
    label: str = ""
    service: str = ""
    slot_ms: int = 0


class PaperAnswered(msgspec.Struct, frozen=True, tag_field="r", tag="paper"):
    """How a ticket stands whose paper was shown, or whose citizen left, with the event `seq`.

    Attributes:
        label: Its number; empty when it is none of this office and day.
        state: Where it is in its life.
        counter: The name of the one that called it.
        service: The ticket's, or that with which its visit went on.
        ahead: People before it, where it waits.
        wait_min: As in `ServiceState`.
        spread_min: As there.
        then: Services of the same visit that follow.
    """

    seq: int
    label: str = ""
    state: Literal["waiting", "called", "over", "left", "unknown"] = "unknown"
    counter: str = ""
    service: str = ""
    ahead: int | None = None
    wait_min: int | None = None
    spread_min: tuple[int, int] | None = None
    then: tuple[str, ...] = ()


class SlotGranted(msgspec.Struct, frozen=True, tag_field="r", tag="slot"):
    """The booking that the event `seq` asked for: its reference, its short code, and what its QR says."""

    seq: int
    ref: str
    service: str
    slot_ms: int
    short: str
    code: str


class SlotDenied(msgspec.Struct, frozen=True, tag_field="r", tag="slot_denied"):
    """The time that the event `seq` asked for cannot be had any more."""

    seq: int


Result = WantGranted | WantDenied | PaperAnswered | SlotGranted | SlotDenied


class LinkChanged(Line, tag="link", frozen=True):
    """The hub answers, or no longer does."""

    up: bool


class Granted(Line, tag="grant", frozen=True):
    """The hub has granted this journal an incarnation and a lane's slot."""

    journal: str
    inc: int
    slot: int


class Disowned(Line, tag="disowned", frozen=True):
    """The hub knows more of this journal than the journal itself: it is a copy, and is to be set aside."""

    journal: str


class Acked(Line, tag="ack", frozen=True):
    """The hub has committed events up to `acked`, with the results of wants among them.

    Those up to `stable` are safe with the standby too.
    """

    epoch: int
    acked: int
    boot: str
    anchor: Anchor | None
    results: tuple[Result, ...] = ()
    stable: int = 0


class BoardReset(Line, tag="board", frozen=True):
    """The board as a whole; log lines go on after its `n`."""

    board: BoardSnapshot


class LogLine(Line, tag="log", frozen=True):
    """The next entry of the log."""

    entry: LogEntry


class ServiceState(msgspec.Struct, frozen=True):
    """How busy a service is.

    Attributes:
        waiting: How many people wait for it.
        wait_min: Minutes until whoever comes now is called; None when no counter serves it now.
        spread_min: The least and the most of these, in four of five cases.
        full_until_ms: Hub time from which it can be had without a booking again; 0 for now.
        free_ms: Times that a kiosk can give bookings for, the earliest first.
    """

    waiting: int
    wait_min: int | None
    spread_min: tuple[int, int] | None = None
    full_until_ms: int = 0
    free_ms: tuple[int, ...] = ()


class OtherOffice(msgspec.Struct, frozen=True):
    """Another office of the city that is open: its name by language, and minutes of waiting by service."""

    name: dict[str, str]
    waits_min: dict[str, int]


class ServicesView(msgspec.Struct, frozen=True):
    """What kiosks show of the queues: after entry `n`, at hub time `at_ms`.

    `asked`: services that citizens came for of late, the most asked for first. `elsewhere`: offices to go to instead.
    """

    ep: int
    n: int
    at_ms: int
    day: str
    doors_closed: bool
    services: dict[str, ServiceState]
    asked: tuple[str, ...] = ()
    elsewhere: tuple[OtherOffice, ...] = ()


class ServicesChanged(Line, tag="services", frozen=True):
    """How busy the office is."""

    view: ServicesView


class KnownKey(msgspec.Struct, frozen=True):
    """A key that booking codes are signed with; `public` is 64 hex digits."""

    kid: int
    public: str


class OfficeConfig(msgspec.Struct, frozen=True):
    """What the hub tells every device of the office."""

    catalogue: Catalogue
    keys: tuple[KnownKey, ...]


class ConfigChanged(Line, tag="config", frozen=True):
    """The office's catalogue or keys changed."""

    config: OfficeConfig


class BookingFound(Line, tag="found", frozen=True):
    """The answer to `BookingAsked`: the booking's short code, empty when there is none today."""

    asked: int
    short: str


HelpAnswer = Literal["told", "nobody", "coming"]
"""The office has heard a call for help; nobody is at a counter; somebody is on the way."""


class HelpAnswered(Line, tag="help", frozen=True):
    """The answer to `HelpWanted`, and once more when somebody comes."""

    asked: int
    answer: HelpAnswer


class ErrandCame(Line, tag="errand", frozen=True):
    """IT wants something of the app: one of `officelib.errand.OF_THE_APP`. The bridge has seen that it may."""

    errand: int
    kind: Kind


class Revoked(Line, tag="revoked", frozen=True):
    """This device is none of the office's any more: it stops, and keeps only what the hub never heard."""


Inbound = (
    LinkChanged
    | Granted
    | Disowned
    | Revoked
    | Acked
    | BoardReset
    | LogLine
    | ServicesChanged
    | ConfigChanged
    | BookingFound
    | HelpAnswered
    | ErrandCame
)


class Poke(msgspec.Struct, frozen=True, tag_field="t", tag="poke"):
    """From the app to its bridge: the journal has something new."""


class HealthTold(msgspec.Struct, frozen=True, tag_field="t", tag="health"):
    """From the app to its bridge: how it is."""

    health: AppHealth


class BookingAsked(msgspec.Struct, frozen=True, tag_field="t", tag="who"):
    """From the app to its bridge: which booking somebody has today, known by a hash. Never written down."""

    who: str
    asked: int


class HelpWanted(msgspec.Struct, frozen=True, tag_field="t", tag="help"):
    """From the app to its bridge: somebody is wanted at the kiosk, or no longer. Never written down."""

    asked: int
    on: bool


class ErrandEnded(msgspec.Struct, frozen=True, tag_field="t", tag="ended"):
    """From the app to its bridge: what came of an errand."""

    outcome: Outcome


Outbound = Poke | HealthTold | BookingAsked | HelpWanted | ErrandEnded


class BridgeLink:
    """The app's end of the socket: reads lines in a thread of its own, connects again for ever."""

    def __init__(self, path: Path, on_line: Callable[[Inbound], None]) -> None:
        """Args:
        path: The bridge's socket.
        on_line: Called in the link's thread with each line; `LinkChanged(False)` when the bridge goes away.
        """
        self._path = path
        self._on_line = on_line
        self._socket: socket.socket | None = None
        self._sending = threading.Lock()
        self._health: AppHealth | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bridge-link", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def poke(self) -> None:
        """Tell the bridge that the journal has something new; a lost poke only costs time."""
        self._send(Poke())

    def ask_booking(self, who: str, asked: int) -> None:
        """Ask the hub for somebody's booking; a lost question is not asked again."""
        self._send(BookingAsked(who, asked))

    def call_help(self, asked: int, *, on: bool) -> None:
        """Tell the hub that somebody is wanted here, or no longer; a lost word is not said again."""
        self._send(HelpWanted(asked, on))

    def end_errand(self, outcome: Outcome) -> None:
        """Tell the bridge what came of an errand; a lost word is asked for again."""
        threading.Thread(target=self._send_whole, args=(ErrandEnded(outcome),), name="errand", daemon=True).start()

    def tell_health(self, health: AppHealth) -> None:
        """Tell the bridge how the app is; again whenever the bridge comes back."""
        self._health = health
        self._send(HealthTold(health))

    def _send(self, line: Outbound) -> None:
        """What fits at once; the screen never waits for the bridge."""
        connection = self._socket
        if connection is not None and self._sending.acquire(blocking=False):
            try:
                connection.send(msgspec.json.encode(line) + b"\n", socket.MSG_DONTWAIT)
            except OSError:
                return
            finally:
                self._sending.release()

    def _send_whole(self, line: Outbound) -> None:
        """What may be large, in a thread of its own."""
        connection = self._socket
        with self._sending, contextlib.suppress(OSError):
            if connection is not None:
                connection.sendall(msgspec.json.encode(line) + b"\n")

    def stop(self) -> None:
        self._ended.set()
        connection = self._socket
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _run(self) -> None:
        decoder = msgspec.json.Decoder(Inbound)
        while not self._ended.is_set():
            try:
                with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                    connection.connect(str(self._path))
                    self._socket = connection
                    if self._health is not None:
                        self._send(HealthTold(self._health))
                    with connection.makefile("rb") as lines:
                        for line in lines:
                            self._on_line(decoder.decode(line))
            except (OSError, ValueError):
                pass
            finally:
                self._socket = None
            if not self._ended.is_set():
                self._on_line(LinkChanged(up=False))
                time.sleep(RECONNECT_S)
