"""One hub after another: what a standby, a promotion, a restore and an archive do to numbers, tickets and devices."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from mqtt_bridge.messages import MAX_PACKET_BYTES, Follow, encode
from office_hub.archivist import Archivist
from office_hub.catalogue_copy import CatalogueCopy
from office_hub.core import desk
from office_hub.standby import Standby
from office_hub.work import Archived, BookingsCame, FollowCame, HigherEpochHeard
from officelib import events as e
from officelib.assets import asset
from officelib.booking import Booking, short_code
from officelib.catalogue import Catalogue
from officelib.errors import KnownError
from officelib.inbound import WantDenied, WantGranted
from officelib.journal import archive, succession
from officelib.journal.office_log import OfficeLog, open_office_log
from officelib.office import State
from tests.conftest import NINE_MS, ManualClock
from tests.office_hub.hub import Hub, Kiosk, NotAnswered

REF = "ab" * 10
WANT = e.Want(e.Claim("register", "es"))


class Pair:
    """A leader and a standby, joined by hand."""

    def __init__(self, folder: Path, catalogue: Catalogue, clock: ManualClock) -> None:
        self.folder, self.catalogue, self.clock = folder, catalogue, clock
        self.leader = Hub(folder / "h1.db", catalogue, clock)
        self.replicas = self.leader.heard.replicas
        succession.back_up(folder / "h1.db", folder / "h2.db")
        self.store: OfficeLog = open_office_log(folder / "h2.db")
        self.store.stand_by()
        self.standby = Standby(self.store, "h2", clock)  # type: ignore[arg-type]

    def follow(self, times: int = 3) -> None:
        """The standby asks and hears until it has all."""
        for _ in range(times):
            self.leader.round(FollowCame(self.standby.follow()))
            self.hear()

    def hear(self) -> None:
        while self.replicas:
            self.standby.hear(self.replicas.pop(0))

    def promote(self) -> Hub:
        succession.promote(self.store, "h2", self.leader.engine.now_ms())
        self.store.close()
        return Hub(self.folder / "h2.db", self.catalogue, self.clock)


@pytest.fixture
def pair(tmp_path: Path, catalogue: Catalogue, clock: ManualClock) -> Iterator[Pair]:
    one = Pair(tmp_path, catalogue, clock)
    yield one
    one.leader.close()
    one.store.close()


def labels(hub: Hub) -> dict[str, State]:
    return {ticket.label: ticket.state for ticket in hub.engine.office.tickets.values()}


def test_a_standby_has_the_log_the_answers_and_the_bookings(pair: Pair) -> None:
    kiosk = pair.leader.enrol()
    pair.leader.take_ticket(kiosk)
    pair.leader.sign_in()
    answer = pair.leader.command(desk.CallNext("c1"), "r-call")
    pair.leader.round(BookingsCame([Booking(REF, "taxes", 5, short_code(REF))], lambda collided: None))
    pair.follow()
    assert list(pair.store.entries_after(0)) == list(pair.leader.store.entries_after(0))
    assert pair.store.link_at(pair.store.head) == pair.leader.store.link_at(pair.leader.store.head)
    assert pair.store.reply("r-call") == msgspec.json.encode(answer)
    assert pair.store.bookings.find(ref=REF) is not None
    hub = pair.promote()
    assert hub.command(desk.CallNext("c1"), "r-call", "ana") == answer, "a retry gets the answer of the hub before"
    hub.close()


def test_a_standby_far_behind_catches_up_in_messages_that_are_not_too_large(pair: Pair) -> None:
    """Replies and bookings weigh more than entries; and refusals all stand at one entry, as nothing happens."""
    kiosk = pair.leader.enrol()
    pair.follow()
    pair.leader.sign_in()
    for n in range(120):
        pair.leader.take_ticket(kiosk)
        pair.leader.command(desk.CallNext("c1"), f"{n}-" + "x" * 400)
        pair.leader.command(desk.Finish("c1"), f"{n}+" + "x" * 400)
    for n in range(600):
        assert isinstance(pair.leader.command(desk.CallNext("c1"), f"{n}?" + "x" * 400), desk.Refusal)
    refs = [hashlib.sha256(bytes([n % 256, n // 256])).hexdigest()[:20] for n in range(900)]
    bookings = [Booking(ref, "taxes", NINE_MS, short_code(ref)) for ref in refs]
    pair.leader.round(BookingsCame(bookings, lambda collided: None))
    sizes = []
    for _ in range(60):
        pair.leader.round(FollowCame(pair.standby.follow()))
        sizes += [len(encode(replica)) for replica in pair.replicas]
        pair.hear()
    assert max(sizes) <= MAX_PACKET_BYTES // 2
    assert pair.store.head == pair.leader.store.head
    assert pair.store.bookings.rev() == pair.leader.store.bookings.rev() == 900


def test_a_standby_has_the_leaders_catalogue(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    path = pair.folder / "standby.toml"
    before = asset("demo", "office.toml").read_text(encoding="utf-8")
    path.write_text(before, encoding="utf-8")
    pair.standby = Standby(pair.store, "h2", pair.clock, copy=CatalogueCopy(path, {}))  # type: ignore[arg-type]
    changed = before.replace("minutes = 6", "minutes = 7")
    pair.leader.engine.written = lambda: changed
    pair.follow()
    assert path.read_text(encoding="utf-8") == changed
    pair.leader.round(FollowCame(pair.standby.follow()))
    assert not [one for one in pair.replicas if one.catalogue], "it is sent once"

    pair.leader.engine.written = lambda: changed.replace("[office]", "[ofice]")
    pair.follow()
    assert path.read_text(encoding="utf-8") == changed, "what cannot be read replaces nothing"
    assert caplog.text.count("is not kept") == 1
    assert pair.store.head == pair.leader.store.head, "and stops nothing"

    pair.leader.engine.written = lambda: "# " + "x" * MAX_PACKET_BYTES
    pair.follow()
    assert "too large for the standby" in caplog.text


def test_a_leader_that_knows_no_file_sends_none(pair: Pair) -> None:
    path = pair.folder / "standby.toml"
    path.write_text("its own", encoding="utf-8")
    pair.standby = Standby(pair.store, "h2", pair.clock, copy=CatalogueCopy(path, {}))  # type: ignore[arg-type]
    pair.follow()
    assert path.read_text(encoding="utf-8") == "its own"


def test_numbers_stay_under_what_the_standby_knew(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("officelib.numbering.CEILING_STEP", 3)
    monkeypatch.setattr("officelib.numbering.CEILING_MARGIN", 2)
    kiosk = pair.leader.enrol()
    pair.follow()
    given = [pair.leader.write(kiosk, WANT).results[0] for _ in range(5)]
    granted = [r.label for r in given if isinstance(r, WantGranted)]
    assert granted == ["A001", "A002", "A003"], "the standby has heard of no more"
    assert given[3:] == [WantDenied(4, "no_number", service="register"), WantDenied(5, "no_number", service="register")]
    hub = pair.promote()
    assert hub.take_ticket(hub.enrol("k9", "j9")) == "A004"
    hub.close()
    pair.leader.round()


def test_paper_of_lost_numbers_is_right(pair: Pair) -> None:
    """The leader numbers, the kiosk prints, and the standby that is promoted has heard nothing of it."""
    kiosk = pair.leader.enrol()
    pair.follow()
    printed = pair.leader.take_ticket(kiosk)
    pair.leader.write(kiosk, WANT)
    hub = pair.promote()
    hub.up(kiosk, 1, sent=1)
    assert labels(hub) == {"A201": State.NUMBERED}, "without its print the want gets another number"
    hub.up(kiosk, 1)
    assert labels(hub) == {printed: State.WAITING, "A202": State.NUMBERED}
    told = [x.body.label for x in hub.heard.entries if isinstance(x.body, e.NumberVoided)]
    assert told == ["A201"]
    hub.close()


@pytest.mark.parametrize("first", ["k1", "k2"])
@pytest.mark.parametrize("at_once", [True, False])
def test_a_number_that_stood_on_a_screen_only_counts(pair: Pair, first: str, at_once: bool) -> None:
    """A booking is shown to a second kiosk, which sends it to the first one's number; then the hub is lost."""
    one, two = pair.leader.enrol(), pair.leader.enrol("k2", "j2")
    pair.follow()
    want = e.Want(e.Claim("taxes", "es", e.BookingClaim(REF, NINE_MS)))
    assert isinstance(pair.leader.write(one, want).results[0], WantGranted)
    assert pair.leader.write(two, want).results == (WantDenied(1, "already", "M001", "taxes"),)
    pair.leader.write(two, e.Abandon(1, "refused: already", "M001"))
    pair.leader.write(one, e.Print(1, "M001") if first == "k1" else e.Abandon(1, "nobody waited for it"))
    assert labels(pair.leader) == {"M001": State.WAITING}
    hub = pair.promote()
    for kiosk in sorted((one, two), key=lambda k: k.name != first):
        if not at_once:
            hub.up(kiosk, 1, sent=1)
        hub.up(kiosk, 1)
    assert [t.state for t in hub.engine.office.tickets.values()] == [State.WAITING], "one citizen, one place"
    assert "M001" in next(iter(hub.engine.office.tickets.values())).labels
    assert not any(isinstance(entry.body, e.EventRejected) for entry in hub.heard.entries)
    hub.close()


def test_a_number_that_was_refused_after_it_was_printed_counts(pair: Pair) -> None:
    kiosk = pair.leader.enrol()
    pair.follow(1)
    printed = pair.leader.take_ticket(kiosk)
    pair.store.close()
    restored = pair.folder / "h3.db"
    succession.back_up(pair.folder / "h2.db", restored)
    log = open_office_log(restored)
    now_ms = pair.leader.engine.now_ms()
    succession.restore(log, "h3", pair.catalogue.business_day(now_ms), now_ms)
    log.close()
    hub = Hub(restored, pair.catalogue, pair.clock)
    assert hub.up(kiosk, 1, sent=1).results == (WantDenied(1, "no_number", service="register"),)
    hub.up(kiosk, 1)
    assert labels(hub) == {printed: State.WAITING}
    hub.close()


def test_a_restored_hub_gives_no_number_and_no_new_lane_that_day(
    tmp_path: Path, catalogue: Catalogue, clock: ManualClock
) -> None:
    log = open_office_log(tmp_path / "new.db")
    epoch = succession.restore(log, "h1", catalogue.business_day(clock.wall), clock.wall)
    assert epoch > 20_000_000, "above that of any hub before"
    log.close()
    hub = Hub(tmp_path / "new.db", catalogue, clock)
    old = Kiosk("k1", "j1", inc=4, events=[e.Lane("A3-007", e.Claim("register", "es"))], monos=[clock.mono])
    hub.slot = 3
    assert hub.up(old).acked == 1, "taken over with the journal and the lane that it has"
    assert labels(hub) == {"A3-007": State.WAITING}
    assert hub.write(old, WANT).results == (WantDenied(2, "no_number", service="register"),)
    assert hub.up(Kiosk("k2", "j2")).slot == 0
    clock.advance(86_400_000)
    assert isinstance(hub.write(old, WANT).results[0], WantGranted)
    hub.close()


def test_a_hub_with_another_history_does_not_hear_the_office_until_a_person_says_so(
    tmp_path: Path, catalogue: Catalogue, clock: ManualClock
) -> None:
    hub = Hub(tmp_path / "wrong.db", catalogue, clock)
    hub.round()
    with pytest.raises(NotAnswered):
        hub.up(Kiosk("k1", "j1", inc=4))
    hub.close()


def test_a_restore_with_a_clock_in_the_past_is_refused(
    tmp_path: Path, catalogue: Catalogue, clock: ManualClock
) -> None:
    hub = Hub(tmp_path / "h.db", catalogue, clock)
    hub.round()
    hub.close()
    log = open_office_log(tmp_path / "h.db")
    with pytest.raises(KnownError, match="clock stands before"):
        succession.restore(log, "h1", "2026-01-07", clock.wall - 10_000)
    log.close()


def test_a_replaced_hub_decides_nothing_and_follows(pair: Pair) -> None:
    kiosk = pair.leader.enrol()
    pair.follow()
    hub = pair.promote()
    before = pair.leader.store.head
    lost = pair.leader.take_ticket(kiosk)
    pair.leader.round(HigherEpochHeard(hub.engine.epoch))
    with pytest.raises(NotAnswered):
        pair.leader.write(pair.leader.enrol("k5", "j5"), WANT)
    pair.leader.store.stand_by(pair.leader.engine.fenced_by)
    replaced = Standby(pair.leader.store, "h1", pair.clock)  # type: ignore[arg-type]
    replicas = hub.heard.replicas
    hub.up(kiosk, 1)
    for _ in range(4):
        hub.round(FollowCame(replaced.follow()))
        while replicas:
            replaced.hear(replicas.pop(0))
    assert list(pair.leader.store.entries_after(0)) == list(hub.store.entries_after(0))
    assert lost in labels(hub)
    aside = list(pair.folder.glob("h1.db.after-*.jsonl"))
    assert len(aside) == 1
    assert before > 0
    hub.close()


def test_a_replaced_hub_that_is_promoted_before_it_followed_comes_above_the_other(pair: Pair) -> None:
    pair.follow()
    other = pair.promote()
    pair.leader.round(HigherEpochHeard(other.engine.epoch))
    pair.leader.store.stand_by(pair.leader.engine.fenced_by)
    assert succession.promote(pair.leader.store, "h1", other.engine.now_ms()) == other.engine.epoch + 1
    other.close()


def test_a_standby_that_only_heard_of_an_epoch_comes_above_it(pair: Pair) -> None:
    pair.follow()
    pair.store.hear_epoch(29_463_296)
    pair.store.hear_epoch(2)
    assert succession.promote(pair.store, "h2", pair.leader.engine.now_ms()) == 29_463_297


def test_a_hub_of_another_office_is_told_nothing(pair: Pair) -> None:
    pair.leader.enrol()
    pair.follow()
    pair.leader.round(FollowCame(Follow(device="h7", n=1, link="11" * 8, log_ep=1, rev=0)))
    assert pair.replicas == []


def test_a_grant_is_answered_once_the_standby_has_it(pair: Pair) -> None:
    pair.leader.enrol()
    pair.follow()
    with pytest.raises(NotAnswered):
        pair.leader.up(Kiosk("k2", "j2"))
    pair.follow()
    assert pair.leader.up(Kiosk("k2", "j2")).slot == 2


def test_what_is_archived_and_old_is_forgotten_and_the_chain_goes_on(
    tmp_path: Path, catalogue: Catalogue, clock: ManualClock
) -> None:
    hub = Hub(tmp_path / "office.db", catalogue, clock)
    kiosk = hub.enrol()
    for _ in range(4):
        hub.take_ticket(kiosk)
        clock.advance(86_400_000)
    asked: list[Archived] = []
    archivist = Archivist(tmp_path / "office.db", tmp_path / "archive", 2, hub.engine.now_ms, asked.append)
    archivist.look()
    hub.round(*asked)
    first = next(hub.store.entries_after(0))
    assert first.n == asked[0].n + 1, "the newest days stay"
    hub.restart()
    assert hub.take_ticket(kiosk) == "A001"
    kept, places, devices = hub.store.head, hub.store.marks(), hub.store.devices()
    other = hub.enrol("k2", "j2")
    hub.take_ticket(other)
    hub.take_ticket(kiosk)
    hub.store.cut(kept)
    assert hub.store.devices() == devices, "granted by an entry that is in the archive"
    assert {key: mark.seq for key, mark in hub.store.marks().items()} == {key: m.seq for key, m in places.items()}
    hub.restart()
    archivist.look()
    assert archive.verify(tmp_path / "archive").faults == ()
    hub.close()


def test_a_device_that_was_away_on_the_day_of_the_restore_is_heard_later(
    tmp_path: Path, catalogue: Catalogue, clock: ManualClock
) -> None:
    log = open_office_log(tmp_path / "new.db")
    succession.restore(log, "h1", catalogue.business_day(clock.wall), clock.wall)
    log.close()
    hub = Hub(tmp_path / "new.db", catalogue, clock)
    clock.advance(3 * 86_400_000)
    hub.round()
    hub.restart()
    assert hub.up(Kiosk("k1", "j1", inc=4)).inc == 4
    hub.close()


def test_an_office_goes_on_without_a_standby_when_told(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("officelib.numbering.CEILING_STEP", 1)
    kiosk = pair.leader.enrol()
    pair.follow()
    pair.leader.take_ticket(kiosk)
    assert pair.leader.write(kiosk, WANT).results == (WantDenied(3, "no_number", service="register"),)
    pair.leader.close()
    log = open_office_log(pair.folder / "h1.db")
    assert succession.drop_standby(log, pair.clock.wall) == "h2"
    with pytest.raises(KnownError, match="nobody stands by"):
        succession.drop_standby(log, pair.clock.wall)
    log.close()
    pair.leader.open()
    assert pair.leader.take_ticket(kiosk) == "A002"


def test_a_ticket_of_an_earlier_day_is_told_once(tmp_path: Path, catalogue: Catalogue, clock: ManualClock) -> None:
    hub = Hub(tmp_path / "h.db", catalogue, clock)
    kiosk = hub.enrol()
    kiosk.events, kiosk.monos = [WANT, e.Print(1, "A042")], [clock.mono, clock.mono]
    clock.advance(86_400_000)
    hub.up(kiosk)
    past = [x.body for x in hub.heard.entries if isinstance(x.body, e.PastTicket)]
    assert [(p.ticket, p.label) for p in past] == [("k1.1.1", "A042")]
    assert labels(hub) == {}
    hub.close()


def test_a_promoted_hub_carries_on_the_time_of_the_one_before(pair: Pair) -> None:
    """Also where its own clock says otherwise: the tool that promotes is a process of its own."""
    pair.leader.take_ticket(pair.leader.enrol())
    pair.follow()
    before_ms = pair.leader.engine.now_ms()
    pair.clock.wall -= 400_000
    hub = pair.promote()
    assert abs(hub.engine.now_ms() - before_ms) <= 1
    pair.clock.wall += 900_000
    hub.round()
    assert abs(hub.engine.now_ms() - before_ms) <= 1, "held until the next day"
    hub.close()
