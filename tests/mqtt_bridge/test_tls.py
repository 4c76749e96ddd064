"""Certificates at a real broker: who is refused, how a device learns why, and that its clock does not matter."""

import socket
import ssl
import threading
import time
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mqtt_bridge.broker import BrokerPlan, write_broker, write_revoked
from mqtt_bridge.identity import Renewal, give_up, install, pending_key, read_identity
from mqtt_bridge.tls import NO_CHECK_TIME, REVOKED, context_of, refusal
from officelib import authority as offices
from officelib.authority import LIFE_MS, RENEW_MS, Authority, begin, new_key, request_of
from officelib.enrolment import Admission, BrokerPlace
from officelib.errors import KnownError
from officelib.signature import is_signed
from tests.conftest import NINE_MS, Broker, free_port, running_broker


@pytest.fixture
def office(tmp_path: Path) -> Broker:
    """A broker that is not started."""
    port, authority = free_port(), Authority(offices.begin())
    plan = BrokerPlan(office="o12", hub="h1", hubs=("h1",), hosts=("127.0.0.1",), listen="127.0.0.1", port=port)
    write_broker(tmp_path / "broker", plan, authority, [])
    return Broker(port, tmp_path / "broker", authority)


def running(office: Broker) -> AbstractContextManager[None]:
    return running_broker(office.folder / "mosquitto.conf", office.port)


def enrolled(office: Broker, folder: Path, device: str, now_ms: int) -> str:
    """Makes a folder a device's; returns its certificate's serial number."""
    key = pending_key(folder)
    given = office.authority.certify(request_of(key, device), device, now_ms)
    place = BrokerPlace("127.0.0.1", office.port)
    install(folder, Admission("o12", device, 0, given.pem, office.authority.certificate, (place,)), key)
    return given.serial


def test_a_device_learns_why_it_is_refused(office: Broker, tmp_path: Path) -> None:
    now_ms = int(time.time() * 1000)
    good, out, over = (tmp_path / name for name in ("good", "out", "over"))
    enrolled(office, good, "k1", now_ms)
    serial = enrolled(office, out, "k2", now_ms)
    enrolled(office, over, "k3", now_ms - LIFE_MS - 60_000)
    write_revoked(office.folder, office.authority, [serial])
    with running(office):
        why = {f.name: refusal("127.0.0.1", office.port, read_identity(f).files) for f in (good, out, over)}
    assert why == {"good": "", "out": REVOKED, "over": "SSLV3_ALERT_CERTIFICATE_EXPIRED"}
    assert refusal("127.0.0.1", office.port, read_identity(good).files) == "", "nobody answers: nobody refuses"


def test_an_alert_of_somebody_before_the_handshake_means_nothing(office: Broker, tmp_path: Path) -> None:
    """Anybody on the way can send these seven bytes: fatal alert, certificate revoked."""
    enrolled(office, tmp_path / "k1", "k1", int(time.time() * 1000))
    with socket.create_server(("127.0.0.1", office.port)) as server:

        def lie() -> None:
            connection, _ = server.accept()
            connection.recv(4096)
            connection.sendall(bytes.fromhex("1503030002022c"))
            connection.close()

        liar = threading.Thread(target=lie)
        liar.start()
        assert refusal("127.0.0.1", office.port, read_identity(tmp_path / "k1").files) == ""
        liar.join()


def test_a_broker_with_a_name_that_is_not_its_own_is_not_believed(office: Broker, tmp_path: Path) -> None:
    enrolled(office, tmp_path / "k1", "k1", int(time.time() * 1000))
    files = read_identity(tmp_path / "k1").files
    with (
        running(office),
        socket.create_connection(("127.0.0.1", office.port)) as plain,
        pytest.raises(ssl.SSLCertVerificationError, match="other.example"),
    ):
        context_of(files).wrap_socket(plain, server_hostname="other.example")


def test_a_devices_clock_does_not_decide_whether_it_meets_its_broker(
    office: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broker whose certificate was over in 1980: what one of today looks like to a clock that says 2040."""
    monkeypatch.setattr(offices, "NEVER", datetime(1980, 1, 1, tzinfo=UTC))
    (office.folder / "broker.pem").write_text(office.authority.for_broker(["127.0.0.1"]))
    enrolled(office, tmp_path / "k1", "k1", int(time.time() * 1000))
    files = read_identity(tmp_path / "k1").files
    with running(office):
        with socket.create_connection(("127.0.0.1", office.port)) as plain:
            context_of(files).wrap_socket(plain, server_hostname="127.0.0.1").close()
        strict = context_of(files)
        strict.verify_flags &= ~NO_CHECK_TIME
        with (
            socket.create_connection(("127.0.0.1", office.port)) as plain,
            pytest.raises(ssl.SSLCertVerificationError, match="expired"),
        ):
            strict.wrap_socket(plain, server_hostname="127.0.0.1")


def test_a_certificate_is_renewed_in_its_last_third(office: Broker, tmp_path: Path) -> None:
    enrolled(office, tmp_path / "k1", "k1", NINE_MS)
    before = (tmp_path / "k1" / "device.pem").read_text()
    renewal = Renewal(tmp_path / "k1", "k1")
    due_ms = NINE_MS + LIFE_MS - RENEW_MS
    assert renewal.request(due_ms - 1) == ("", b"")
    request, proof = renewal.request(due_ms)
    assert is_signed(request.encode(), proof, [before[before.index("-----BEGIN CERT") :]]), "by the key that it has"
    stranger = office.authority.certify(request_of(new_key(), "k1"), "k1", due_ms).pem
    forged = Authority(offices.begin()).certify(request, "k1", due_ms).pem
    for wrong in (stranger, forged, "nonsense", before):
        assert not renewal.take(wrong)
    assert (tmp_path / "k1" / "device.pem").read_text() == before
    given = office.authority.certify(request, "k1", due_ms)
    (tmp_path / "k1" / ".device.pem.part").mkdir()
    assert not renewal.take(given.pem), "a disk that refuses costs nothing but time"
    (tmp_path / "k1" / ".device.pem.part").rmdir()
    assert renewal.take(given.pem)
    assert (tmp_path / "k1" / "device.pem").read_text().endswith(given.pem)
    assert renewal.request(due_ms) == ("", b"")
    assert not renewal.take(given.pem), "asked for nothing"
    with running(office):
        assert refusal("127.0.0.1", office.port, read_identity(tmp_path / "k1").files) == ""


def test_a_device_that_is_out_keeps_no_key(office: Broker, tmp_path: Path) -> None:
    with pytest.raises(KnownError, match="no office yet"):
        read_identity(tmp_path / "k1")
    enrolled(office, tmp_path / "k1", "k1", NINE_MS)
    assert not read_identity(tmp_path / "k1").is_revoked
    give_up(tmp_path / "k1")
    assert read_identity(tmp_path / "k1").is_revoked
    assert not any("PRIVATE" in path.read_text() for path in (tmp_path / "k1").iterdir())
    enrolled(office, tmp_path / "k1", "k1", NINE_MS)
    assert not read_identity(tmp_path / "k1").is_revoked


def test_the_folder_is_private(office: Broker, tmp_path: Path) -> None:
    enrolled(office, tmp_path / "k1", "k1", NINE_MS)
    for path in (tmp_path / "k1", *(tmp_path / "k1").iterdir()):
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_certificate_for_another_key_is_not_installed(office: Broker, tmp_path: Path) -> None:
    given = office.authority.certify(request_of(new_key(), "k1"), "k1", NINE_MS)
    admission = Admission("o12", "k1", 0, given.pem, office.authority.certificate, ())
    with pytest.raises(KnownError, match="not for this device"):
        install(tmp_path, admission, new_key())


def test_a_list_that_says_so_already_stays_as_it_is(tmp_path: Path) -> None:
    """A hub that starts tells its broker who is out; nobody new is no reason to restart it."""
    ours, others = Authority(begin()), Authority(begin())
    path = tmp_path / "revoked.pem"
    changes: list[tuple[Authority, list[str], bool]] = [
        (ours, [], True),
        (ours, [], False),
        (ours, ["1f", "2a"], True),
        (ours, ["2a", "1f"], False),
        (ours, ["1f"], True),
        (others, ["1f"], True),
    ]
    for authority, serials, is_new in changes:
        before = path.read_text() if path.exists() else ""
        write_revoked(tmp_path, authority, serials)
        assert (path.read_text() != before) == is_new
    path.write_text("no list")
    write_revoked(tmp_path, ours, [])
    assert ours.is_list_of(path.read_text(), [])
