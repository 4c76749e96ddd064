"""What comes to the engine, and what it tells: its two sides, without the thread between them."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from mqtt_bridge.messages import CityNotices, Down, Follow, OfficeState, Referrals, ReferralsTaken, Replica, Up
from office_hub.core import desk, enrolling
from office_hub.core.pages import PageAction
from officelib import events as e
from officelib.authority import Certificate
from officelib.booking import Booking
from officelib.catalogue import Catalogue
from officelib.enrolment import Invitation
from officelib.health import Health
from officelib.inbound import HelpAnswer
from officelib.journal.registry import Given

TICK_S = 0.25


class UpCame(NamedTuple):
    """A device's batch."""

    up: Up


class CommandCame(NamedTuple):
    """A clerk's command; the answer goes to `reply` as JSON, from the engine's thread."""

    request: str
    clerk: str
    command: desk.AnyCommand
    reply: Callable[[bytes], None]


class BookingsCame(NamedTuple):
    """Bookings to take in; once they are on the disk `done` is called with the refs that could not be."""

    bookings: list[Booking]
    done: Callable[[list[str]], None]


class CatalogueCame(NamedTuple):
    """A catalogue that was checked and takes effect now, if it is still wanted.

    `reply` gets the reason where it does not, else nothing.
    """

    catalogue: Catalogue
    reply: Callable[[str], None]
    is_wanted: Callable[[], bool] = lambda: True


class DeviceCame(NamedTuple):
    """A device's bridge appeared, went away, or tells how the device is."""

    device: str
    on: bool
    health: Health | None = None


class BoardAsked(NamedTuple):
    """A display wants the board as a whole."""


class WhoCame(NamedTuple):
    """A kiosk asks for the booking of somebody, known by a hash. `asked` goes back with the answer."""

    device: str
    who: str
    asked: int


class HelpCame(NamedTuple):
    """A kiosk asks for somebody who helps, or no longer."""

    device: str
    asked: int
    on: bool


class HelpTaken(NamedTuple):
    """A clerk goes to a kiosk. `reply` hears whether there is anybody to go to."""

    device: str
    clerk: str
    reply: Callable[[bool], None]


class PageOpened(NamedTuple):
    """A paper's page is opened on a phone. `reply` hears whether it is one of today."""

    code: str
    reply: Callable[[bool], None]


class PageActed(NamedTuple):
    """A citizen does something on that page. `reply` hears whether it counts."""

    code: str
    action: PageAction
    reply: Callable[[bool], None]


class FollowCame(NamedTuple):
    """A standby tells how far it has the log."""

    follow: Follow


class EnrolCame(NamedTuple):
    """A device came with a token of this hub's; `reply` hears what it is given, or why not."""

    invitation: Invitation
    request: str
    reply: Callable[[Given | Certificate | enrolling.Refused], None]


class RenewCame(NamedTuple):
    """A device asks for its next certificate."""

    device: str
    request: str
    proof: bytes


class RevokeCame(NamedTuple):
    """An operator's word: these certificates of a device count no more. `reply` hears whether that is safe."""

    device: str
    serials: tuple[str, ...]
    reply: Callable[[bool], None]


class Archived(NamedTuple):
    """The log up to entry `n`, which is as old as it must be kept here, is in the archive."""

    n: int


class OfficeCame(NamedTuple):
    """Another office's hub appeared, changed, or went away."""

    state: OfficeState


class CityNoticesCame(NamedTuple):
    """The city's messages to everybody, as they stand."""

    notices: CityNotices


class CityGone(NamedTuple):
    """The link to the other offices is down."""


class ReferralsCame(NamedTuple):
    """Another office sends citizens here."""

    referrals: Referrals


class ReferralsWereTaken(NamedTuple):
    """Another office knows of citizens that were sent there."""

    taken: ReferralsTaken


class HigherEpochHeard(NamedTuple):
    """Another hub has taken this one's place."""

    epoch: int


Work = (
    UpCame
    | CommandCame
    | BookingsCame
    | CatalogueCame
    | DeviceCame
    | BoardAsked
    | FollowCame
    | WhoCame
    | HelpCame
    | HelpTaken
    | PageOpened
    | PageActed
    | EnrolCame
    | RenewCame
    | RevokeCame
    | Archived
    | OfficeCame
    | CityNoticesCame
    | CityGone
    | ReferralsCame
    | ReferralsWereTaken
    | HigherEpochHeard
)


class Publisher:
    """What the engine tells the world. All methods are called in the engine's thread."""

    def down(self, device: str, down: Down) -> None:
        """A device's answer."""

    def replica(self, replica: Replica) -> None:
        """What a standby lacks."""

    def committed(self, entries: list[e.LogEntry]) -> None:
        """New entries of the log."""

    def changed(self) -> None:
        """The office looks different."""

    def show(self) -> None:
        """A clerk has acted, and is to see what came of it before the answer."""

    def catalogue_changed(self) -> None:
        """Every device is to hear of the new catalogue."""

    def booking_found(self, device: str, asked: int, short: str) -> None:
        """The answer to a kiosk that asked who somebody is; no code when nobody."""

    def help_answered(self, device: str, asked: int, answer: HelpAnswer) -> None:
        """Whoever called for help at a kiosk hears how it stands."""

    def certificate(self, device: str, pem: str) -> None:
        """A device's next certificate."""

    def revoked(self, serials: Sequence[str]) -> None:
        """All certificates that count no more."""

    def referrals_taken(self, office: str, refs: Sequence[str]) -> None:
        """Citizens whom another office sent are known here."""

    def board_asked(self) -> None:
        """A display has nothing, or has a gap."""

    def fenced(self, epoch: int) -> None:
        """Another hub has taken this one's place: it decides nothing any more."""

    def tick(self) -> float:
        """A round is over. Returns after how many seconds the next one should be, at the latest."""
        return TICK_S
