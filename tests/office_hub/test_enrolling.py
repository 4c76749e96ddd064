"""Who is let into an office: the hub's word on tokens, renewals and devices that are out."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from office_hub.core.enrolling import Refused
from office_hub.work import EnrolCame, RenewCame, RevokeCame
from officelib import events as e
from officelib.authority import LIFE_MS, RENEW_MS, Certificate, ends_ms, new_key, request_of
from officelib.catalogue import Catalogue
from officelib.enrolment import VALID_MS, Invitation, new_token
from officelib.journal.registry import Given
from officelib.signature import signer
from tests.conftest import ManualClock
from tests.office_hub.hub import Heard, Hub, NotAnswered
from tests.office_hub.test_succession import Pair

Answer = Given | Certificate | Refused


class Told(Heard):
    """Hears of certificates too."""

    certificates: list[tuple[str, str]]
    out: list[str]

    def certificate(self, device: str, pem: str) -> None:
        self.certificates.append((device, pem))

    def revoked(self, serials: object) -> None:
        self.out = list(serials)  # type: ignore[call-overload]


@pytest.fixture
def hub(tmp_path: Path, catalogue: Catalogue, clock: ManualClock) -> Iterator[Hub]:
    one = Hub(tmp_path / "office.db", catalogue, clock)
    told = Told()
    told.certificates, told.out = [], []
    one.heard = one.engine._publisher = told
    yield one
    one.close()


def invite(hub: Hub, device: str, slot: int = 0) -> Invitation:
    return new_token(hub.store.enrolment_key, device, slot, hub.engine.now_ms(), ()).invitation


def renewal(device: str, key: EllipticCurvePrivateKey) -> RenewCame:
    request = request_of(new_key(), device)
    return RenewCame(device, request, signer(key)(request.encode()))


def ask(hub: Hub, invitation: Invitation, key: object = None) -> Answer:
    answers: list[Answer] = []
    request = request_of(key or new_key(), "?")  # type: ignore[arg-type]
    hub.round(EnrolCame(invitation, request, answers.append))
    return answers[0]


def test_a_token_lets_one_device_in_and_again_when_its_answer_was_lost(hub: Hub) -> None:
    invitation, key = invite(hub, "k2", 2), new_key()
    first = ask(hub, invitation, key)
    assert isinstance(first, Certificate)
    hub.restart()
    again = ask(hub, invitation, key)
    assert isinstance(again, Given)
    assert again.pem == first.pem
    assert ask(hub, invitation) == "used", "another machine with the same token"


def test_two_machines_with_one_token_at_the_same_time(hub: Hub) -> None:
    invitation, answers = invite(hub, "k2"), list[Answer]()
    hub.round(*(EnrolCame(invitation, request_of(new_key(), "?"), answers.append) for _ in range(2)))
    assert isinstance(answers[0], Certificate)
    assert answers[1] == "wait"
    assert len(hub.store.registry.of("k2")) == 1


def test_a_token_is_good_for_a_day(hub: Hub, clock: ManualClock) -> None:
    invitation = invite(hub, "k2")
    clock.advance(VALID_MS + 1)
    assert ask(hub, invitation) == "expired"


@pytest.mark.parametrize(("device", "slot"), [("h2", 0), ("x1", 0), ("k1", 10), ("s1", 1), ("k1/../h1", 0)])
def test_no_token_makes_a_hub_or_nonsense(hub: Hub, device: str, slot: int) -> None:
    assert ask(hub, invite(hub, device, slot)) == "no_device"


def test_a_lane_belongs_to_one_kiosk(hub: Hub) -> None:
    assert isinstance(ask(hub, invite(hub, "k2", 1)), Certificate)
    hub.enrol("k9", "j9")
    assert hub.engine.office.devices["k9"].slot == 2, "a digit that was promised is not given away"
    hub.enrol("k2", "j2")
    assert hub.engine.office.devices["k2"].slot == 1
    assert ask(hub, invite(hub, "k3", 2)) == "slot_taken"
    assert ask(hub, invite(hub, "k3", 1)) == "slot_taken"


def test_who_comes_under_a_name_takes_its_place(hub: Hub) -> None:
    first = ask(hub, invite(hub, "k2"))
    second = ask(hub, invite(hub, "k2"))
    assert isinstance(first, Certificate)
    assert isinstance(second, Certificate)
    assert hub.heard.out == [first.serial]  # type: ignore[attr-defined]
    assert not hub.store.registry.is_out("k2")


def test_a_device_that_is_out_is_not_heard_and_comes_back_with_what_it_had(hub: Hub) -> None:
    key = new_key()
    given = ask(hub, invite(hub, "k2"), key)
    kiosk = hub.enrol("k2", "j2")
    hub.take_ticket(kiosk)
    assert isinstance(given, Certificate)
    safe: list[bool] = []
    hub.round(RevokeCame("k2", (given.serial, "unknown"), safe.append))
    hub.round(RevokeCame("k2", (given.serial,), safe.append))
    assert safe == [True, True]
    assert len([x for x in hub.heard.entries if isinstance(x.body, e.DeviceRevoked)]) == 1, "once is enough"
    with pytest.raises(NotAnswered):
        hub.write(kiosk, e.Want(e.Claim("register", "es")))
    hub.round(renewal("k2", key))
    assert hub.heard.certificates == []  # type: ignore[attr-defined]
    assert isinstance(ask(hub, invite(hub, "k2")), Certificate)
    assert hub.up(kiosk).acked == len(kiosk.events), "what it wrote while it was out is heard now"


def test_a_renewal_is_answered_the_same_however_often_it_is_asked(hub: Hub, clock: ManualClock) -> None:
    key = new_key()
    first = ask(hub, invite(hub, "k2", 3), key)
    assert isinstance(first, Certificate)
    hub.round(renewal("k2", key))
    assert hub.heard.certificates == [], "it is good for long"  # type: ignore[attr-defined]
    clock.advance(LIFE_MS - RENEW_MS)
    asked = renewal("k2", key)
    for _ in range(3):
        hub.round(asked)
    hub.round(renewal("k7", key), renewal("k2", new_key()), asked._replace(request="nonsense"), renewal("k2", key))
    told = hub.heard.certificates  # type: ignore[attr-defined]
    assert len(told) == 3
    assert len(set(told)) == 1
    assert ends_ms(told[0][1]) > ends_ms(first.pem)
    assert hub.store.registry.slots() == {"k2": 3}


def test_a_machine_that_was_replaced_cannot_renew_itself_back_in(hub: Hub, clock: ManualClock) -> None:
    old, new = new_key(), new_key()
    ask(hub, invite(hub, "k2"), old)
    clock.advance(LIFE_MS - RENEW_MS)
    ask(hub, invite(hub, "k2"), new)
    hub.round(renewal("k2", old))
    assert [one.is_revoked for one in hub.store.registry.of("k2")] == [True, False]


def test_a_renewal_does_not_outrun_a_revocation(hub: Hub, clock: ManualClock) -> None:
    key = new_key()
    given = ask(hub, invite(hub, "k2"), key)
    assert isinstance(given, Certificate)
    clock.advance(LIFE_MS - RENEW_MS)
    hub.round(renewal("k2", key), RevokeCame("k2", (given.serial,), lambda _: None))
    assert hub.store.registry.is_out("k2")
    assert len(hub.heard.out) == 2  # type: ignore[attr-defined]


def test_nobody_is_let_in_by_what_a_promotion_may_lose(
    tmp_path: Path, catalogue: Catalogue, clock: ManualClock
) -> None:
    pair = Pair(tmp_path, catalogue, clock)
    pair.follow()
    invitation, key = invite(pair.leader, "k2"), new_key()
    assert ask(pair.leader, invitation, key) == "wait"
    pair.follow()
    given = ask(pair.leader, invitation, key)
    assert isinstance(given, Given)
    out: list[list[str]] = []
    safe: list[bool] = []
    pair.standby._on_revoked = out.append  # type: ignore[assignment]
    pair.leader.round(RevokeCame("k2", (given.serial,), safe.append))
    pair.follow()
    pair.leader.round(RevokeCame("k2", (given.serial,), safe.append))
    assert safe == [False, True], "once the standby has it"
    assert out == [[given.serial]]
    hub = pair.promote()
    assert hub.store.registry.of("k2")[0].pem == given.pem
    assert hub.store.registry.is_out("k2")
    hub.close()
    pair.leader.close()


def test_what_a_cut_takes_back_is_not_in_the_registry(hub: Hub) -> None:
    first = ask(hub, invite(hub, "k2"))
    before = hub.store.head
    assert isinstance(first, Certificate)
    hub.round(RevokeCame("k2", (first.serial,), lambda _: None))
    ask(hub, invite(hub, "k3"))
    hub.store.cut(before)
    assert not hub.store.registry.is_out("k2")
    assert hub.store.registry.of("k3") == []


def test_an_office_keeps_its_authority(tmp_path: Path, catalogue: Catalogue, clock: ManualClock) -> None:
    one = Hub(tmp_path / "office.db", catalogue, clock)
    before = one.store.authority.certificate
    one.restart()
    assert one.store.authority.certificate == before
    one.close()
