"""How a device's events reach the hub: one batch in flight, sent again until the hub itself has committed it. Pure."""

from dataclasses import dataclass
from typing import assert_never

import msgspec
from msgspec.structs import replace

from officelib.journal.device import Identity

RETRY_MS = (500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000)
REFRESH_MS = 300_000
"""An idle device greets the hub so often: its time stays exact, and it hears what the standby has."""
BEAT_LOST_MS = 5_000
"""Without a beat for so long the hub counts as away. It beats every 2 s: two may go missing."""


class Uplink(msgspec.Struct, frozen=True):
    """Where the uplink stands.

    Attributes:
        identity: Whose journal; None while there is none.
        head: Newest event in the journal.
        acked: Newest event that the hub has committed, by its own word.
        in_flight_to: Last event of the batch that is on its way; None when none is.
        attempts: How often that batch, or the greeting, was sent.
        retry_at_ms: When to send it again.
        connected: The broker is there.
        greeted: The hub answered in this connection: its time is known.
        heard_ms: When the hub was last heard.
        refresh_at_ms: When an idle device greets again.
    """

    identity: Identity | None = None
    head: int = 0
    acked: int = 0
    in_flight_to: int | None = None
    attempts: int = 0
    retry_at_ms: int = 0
    connected: bool = False
    greeted: bool = False
    heard_ms: int = -BEAT_LOST_MS
    refresh_at_ms: int = 0

    def is_up(self, now_ms: int) -> bool:
        """Whether the hub can be asked."""
        return self.connected and self.greeted and now_ms - self.heard_ms < BEAT_LOST_MS

    @property
    def wakes_at_ms(self) -> int | None:
        """When `Tick` is due."""
        if not self.connected:
            return None
        return self.retry_at_ms if self.in_flight_to is not None or not self.greeted else self.refresh_at_ms


@dataclass(frozen=True)
class Connected:
    """The broker took the connection."""


@dataclass(frozen=True)
class Disconnected:
    """The connection to the broker is gone."""


@dataclass(frozen=True)
class JournalRead:
    """The journal as it stands."""

    identity: Identity | None
    head: int


@dataclass(frozen=True)
class HubHeard:
    """A beat, or anything else, of the hub."""


@dataclass(frozen=True)
class HubChanged:
    """A hub of a higher epoch is there. It may lack what the one before had acknowledged: it is greeted anew."""


@dataclass(frozen=True)
class AckReceived:
    """The hub's answer for a journal and its incarnation."""

    journal: str
    inc: int
    acked: int


@dataclass(frozen=True)
class Tick:
    """Time has passed."""


UplinkEvent = Connected | Disconnected | JournalRead | HubHeard | HubChanged | AckReceived | Tick


@dataclass(frozen=True)
class SendAfter:
    """Publish the batch that follows `seq`; an empty one when `greeting`."""

    seq: int
    greeting: bool


def step(uplink: Uplink, event: UplinkEvent, now_ms: int) -> tuple[Uplink, SendAfter | None]:
    """The uplink after an event, and the batch to send, if any.

    Args:
        uplink: As it stands.
        event: What happened.
        now_ms: Monotonic milliseconds.
    """
    match event:
        case Connected():
            uplink = replace(uplink, connected=True, greeted=False, in_flight_to=None, attempts=0, retry_at_ms=now_ms)
        case Disconnected():
            uplink = replace(uplink, connected=False, greeted=False, in_flight_to=None)
        case JournalRead():
            uplink = _journal_read(uplink, event)
        case HubHeard():
            uplink = replace(uplink, heard_ms=now_ms)
        case HubChanged():
            uplink = replace(uplink, greeted=False, in_flight_to=None, attempts=0, retry_at_ms=now_ms)
        case AckReceived():
            uplink = _acked(uplink, event, now_ms)
        case Tick():
            pass
        case _:
            assert_never(event)
    return _send(uplink, now_ms)


def sent(uplink: Uplink, last_seq: int) -> Uplink:
    """The batch that went out ends with this event."""
    return replace(uplink, in_flight_to=last_seq)


def _journal_read(uplink: Uplink, event: JournalRead) -> Uplink:
    if event.identity != uplink.identity:
        return replace(
            uplink, identity=event.identity, head=event.head, acked=0, in_flight_to=None, greeted=False, retry_at_ms=0
        )
    return replace(uplink, head=event.head)


def _acked(uplink: Uplink, event: AckReceived, now_ms: int) -> Uplink:
    identity = uplink.identity
    if identity is None or event.journal != identity.journal:
        return uplink
    if event.inc != identity.inc:
        # a grant: the app commits it first, and then the journal says so
        return replace(uplink, heard_ms=now_ms, retry_at_ms=now_ms + RETRY_MS[0])
    landed = uplink.in_flight_to is None or event.acked >= uplink.in_flight_to or event.acked < uplink.acked
    return replace(
        uplink,
        heard_ms=now_ms,
        greeted=True,
        refresh_at_ms=now_ms + REFRESH_MS,
        acked=event.acked,
        in_flight_to=None if landed else uplink.in_flight_to,
        attempts=0 if landed else uplink.attempts,
    )


def _send(uplink: Uplink, now_ms: int) -> tuple[Uplink, SendAfter | None]:
    if not uplink.connected or uplink.identity is None:
        return uplink, None
    waiting = uplink.in_flight_to is not None or not uplink.greeted
    if waiting and now_ms < uplink.retry_at_ms:
        return uplink, None
    if not waiting and uplink.head <= uplink.acked:
        if now_ms < uplink.refresh_at_ms:
            return uplink, None
        return replace(uplink, refresh_at_ms=now_ms + REFRESH_MS), SendAfter(uplink.acked, greeting=True)
    delay = RETRY_MS[min(uplink.attempts, len(RETRY_MS) - 1)]
    uplink = replace(uplink, attempts=uplink.attempts + 1, retry_at_ms=now_ms + delay)
    return uplink, SendAfter(uplink.acked, greeting=not uplink.greeted)
