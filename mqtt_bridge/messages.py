"""The envelope: every message on the wire, one line of JSON. Unknown fields are ignored; v and v-1 are read."""

from typing import Annotated, Any, Literal, TypeVar, get_args

import msgspec

from officelib.arrival import Anchor, Ms
from officelib.board import BoardSnapshot
from officelib.booking import Booking
from officelib.catalogue import Notice
from officelib.errand import Paper, State
from officelib.events import LogEntry
from officelib.health import Health
from officelib.inbound import HelpAnswer, OfficeConfig, Result, ServicesView
from officelib.referral import Referral

VERSION = 1
MAX_BATCH_EVENTS = 64
MAX_BATCH_BYTES = 64 * 1024
MAX_PACKET_BYTES = 1024 * 1024
"""The largest message is the office's catalogue: officelib.catalogue_file keeps it below three quarters of this."""

Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
"""What is counted, and comes over the wire: what JSON's readers hold exactly, and SQLite too."""

M = TypeVar("M", bound="Message")


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """Base of all messages. `ep` is the hub's epoch as the sender knows it."""

    v: int = VERSION
    ep: Count = 0


class DeviceState(Message, frozen=True):
    """Birth, health and will of a device. `ses` is random: an "off" of another session means nothing."""

    st: Literal["on", "off"]
    ses: str
    device: str
    health: Health | None = None


class UpEvent(msgspec.Struct, frozen=True, array_like=True):
    """An event on its way: its body stays raw, so that one that cannot be read spoils no other.

    `link` is its place in the journal's hash chain, 16 hex digits: two events of one number are told apart.
    """

    seq: Count
    boot: str
    mono_ms: Ms
    body: msgspec.Raw
    link: str = ""


class Up(Message, frozen=True):
    """A batch of a device's events, contiguous from `events[0].seq`; empty to greet the hub.

    `sent_mono_ms` and `boot` come back in the answer; `journal` asks for an incarnation while `inc` is 0. `slot` is
    the lane's digit, `head` the newest event of the journal, `floor` the newest one that it no longer holds. Of boots
    without an anchor, `not_after` says the hub time when the next boot began that has one.
    """

    device: str
    journal: str
    inc: Count
    boot: str
    sent_mono_ms: Ms
    slot: Annotated[int, msgspec.Meta(ge=0, le=9)] = 0
    head: Count = 0
    floor: Count = 0
    anchors: dict[str, Anchor] = {}
    not_after: dict[str, Ms] = {}
    events: tuple[UpEvent, ...] = ()


class Down(Message, frozen=True):
    """The hub's answer to a batch, after its commit. `acked` is cumulative for (journal, inc).

    `stable` events are with the standby too, where there is one: only those may be forgotten. `clock` names the hub's
    clock that `hub_ms` was read from. `link` is the chain's link of the event `acked` as the hub has it: a journal that
    has another one there, or none, is a copy of one that went on elsewhere.
    """

    device: str
    journal: str
    inc: Count
    acked: Count
    slot: Count
    hub_ms: Ms
    boot: str
    echo_mono_ms: Ms
    stable: Count = 0
    clock: str = ""
    link: str = ""
    results: tuple[Result, ...] = ()


class HubState(Message, frozen=True):
    """Birth and will of the hub `device`."""

    st: Literal["on", "off"]
    ses: str
    device: str = ""


class Beat(Message, frozen=True):
    """The hub is there; its log stands at `n`."""

    n: Count
    at_ms: Ms


class LogMessage(Message, frozen=True):
    """Entries of the log, in order."""

    entries: tuple[LogEntry, ...]


class BoardMessage(Message, frozen=True):
    """The board as a whole."""

    board: BoardSnapshot


class ServicesMessage(Message, frozen=True):
    """How busy the services are."""

    view: ServicesView


class ConfigMessage(Message, frozen=True):
    """Catalogue and keys."""

    config: OfficeConfig


class Ask(Message, frozen=True):
    """A device's question: the hub publishes that snapshot anew, or certifies the key of `request` (PKCS#10, PEM).

    `proof`: the request's signature with the key that the device has now, 128 hex digits. Or which booking somebody has
    today whose hash is `who`; `asked` comes back with the answer. Or for somebody who helps, and that nobody has to.
    """

    device: str
    what: Literal["board", "certificate", "booking", "help", "no_help"]
    request: str = ""
    proof: str = ""
    who: str = ""
    asked: Count = 0


class BookingFound(Message, frozen=True):
    """The short code of the booking that a kiosk asked for; empty when there is none today."""

    device: str
    asked: Count
    short: str


class HelpAnswered(Message, frozen=True):
    """Whether the office has heard a kiosk's call for help; once more when somebody comes."""

    device: str
    asked: Count
    answer: HelpAnswer


class ErrandMessage(Message, frozen=True):
    """IT has a device do something; sent again until it is done or too late."""

    device: str
    paper: Paper


class ErrandTold(Message, frozen=True):
    """How a device's errand stands. `picture` is a JPEG, in Base64."""

    device: str
    errand: Count
    st: State
    text: str = ""
    picture: bytes = b""


class CertificateMessage(Message, frozen=True):
    """A device's next certificate, PEM."""

    device: str
    certificate: str


class Follow(Message, frozen=True):
    """A standby's word to the hub: it holds the log up to `n`, durably, with that link (16 hex digits).

    `log_ep` is the epoch of its newest entry, `rev` the newest change of bookings that it has, `catalogue` the revision
    of its catalogue's file; empty where it keeps none.
    """

    device: str
    n: Count
    link: str
    log_ep: Count
    rev: Count
    catalogue: str = ""


class Replica(Message, frozen=True):
    """What a standby lacks: entries after `after`, the replies among them, and bookings up to `rev`.

    `link` is the chain's after the last entry. `cut`: the standby's log leaves this one after entry `after`; what it
    has beyond is to be set aside first. `catalogue`: the leader's file, where the standby has another one.
    """

    device: str
    after: Count
    link: str
    at_ms: Ms
    entries: tuple[LogEntry, ...] = ()
    replies: dict[str, msgspec.Raw] = {}
    bookings: tuple[Booking, ...] = ()
    rev: Count = 0
    cut: bool = False
    catalogue: str = ""


class OfficeState(Message, frozen=True):
    """Birth and will of an office's hub, for the other offices: who it is, and its services by id, with their names.

    `ep` is the epoch of that office. `ses` is random: an "off" of another session means nothing. `waits_min`: how
    long somebody waits there now, of the services that can be had.
    """

    st: Literal["on", "off"]
    ses: str
    office: str
    name: dict[str, str] = {}
    services: dict[str, dict[str, str]] = {}
    waits_min: dict[str, int] = {}


class CityNotices(Message, frozen=True):
    """All messages of the city to everybody, as they stand since `at_ms`; those before it are gone."""

    at_ms: Count
    notices: tuple[Notice, ...]


class Referrals(Message, frozen=True):
    """Citizens whom `office` sends to the reader's; sent again until they are taken."""

    office: str
    items: tuple[Referral, ...]


class ReferralsTaken(Message, frozen=True):
    """The references of citizens whom `office` knows now, durably; `ep` is its epoch.

    A hub of a higher epoch may have lost them: it is told of all of the day again.
    """

    office: str
    refs: tuple[str, ...]


MESSAGES: tuple[type[Message], ...] = (
    DeviceState,
    Up,
    Down,
    HubState,
    Beat,
    LogMessage,
    BoardMessage,
    ServicesMessage,
    ConfigMessage,
    Ask,
    BookingFound,
    HelpAnswered,
    ErrandMessage,
    ErrandTold,
    CertificateMessage,
    Follow,
    Replica,
    OfficeState,
    CityNotices,
    Referrals,
    ReferralsTaken,
)


class BadMessage(ValueError):
    """The payload is no message of ours, or of a version that we do not read."""


def encode(message: Message) -> bytes:
    """One line of JSON, without the line's end."""
    return msgspec.json.encode(message)


def decode(payload: bytes, kind: type[M]) -> M:
    """Read a message.

    Raises:
        BadMessage: too large, not of that kind, or of an unknown version.
    """
    if len(payload) > MAX_PACKET_BYTES:
        raise BadMessage(f"{len(payload)} bytes, {MAX_PACKET_BYTES} at most")
    try:
        message = msgspec.json.decode(payload, type=kind)
    except (ValueError, RecursionError) as error:  # msgspec's errors are ValueErrors, and so is broken UTF-8
        raise BadMessage(str(error)) from error
    if message.v not in (VERSION, VERSION - 1):
        raise BadMessage(f"version {message.v}; this release reads {VERSION - 1} and {VERSION}")
    return message


def decode_down(payload: bytes) -> Down:
    """Read a hub's answer. Kinds of results that this release does not know are left out: the acknowledgement counts.

    Raises:
        BadMessage: as `decode`.
    """
    try:
        return decode(payload, Down)
    except BadMessage:
        known = {kind.__struct_config__.tag for kind in get_args(Result)}
        try:
            written = msgspec.json.decode(payload, type=dict[str, Any])
            results = [one for one in written["results"] if one["r"] in known]
        except (ValueError, LookupError, TypeError, RecursionError):
            raise BadMessage("not an answer of a hub") from None
        if len(results) == len(written["results"]):
            raise
        return decode(msgspec.json.encode({**written, "results": results}), Down)


def schemas() -> dict[str, Any]:
    """JSON Schema of every message, for the contract's document."""
    _, components = msgspec.json.schema_components(MESSAGES)
    return components
