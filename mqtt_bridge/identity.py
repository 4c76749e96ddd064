"""What a device is in its office: kept in a folder of its bridge's, written when it is enrolled."""

import logging
from dataclasses import dataclass
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from mqtt_bridge.tls import TlsFiles
from officelib import authority
from officelib.authority import RENEW_MS
from officelib.enrolment import ADMISSION_FILE, ENROL_MEND, KEY_FILE, Admission, read_admission
from officelib.errors import KnownError
from officelib.files import write_private
from officelib.signature import signer

log = logging.getLogger(__name__)

AUTHORITY, PENDING, REVOKED = "authority.pem", "pending.pem", "revoked"


@dataclass(frozen=True)
class Identity:
    """A device that was enrolled.

    Attributes:
        admission: What the hub said.
        files: For TLS.
        is_revoked: It was one of the office's devices, and is none any more.
    """

    admission: Admission
    files: TlsFiles
    is_revoked: bool


def read_identity(folder: Path) -> Identity:
    """What the folder says.

    Raises:
        KnownError: the device was not enrolled yet.
    """
    files, is_revoked = TlsFiles(folder / AUTHORITY, folder / KEY_FILE), (folder / REVOKED).exists()
    if is_revoked:
        files.certificate.unlink(missing_ok=True)  # a power cut may have brought it back
    return Identity(read_admission(folder), files, is_revoked)


def pending_key(folder: Path) -> EllipticCurvePrivateKey:
    """The key of an enrolment that is under way: the same again when an answer was lost and it is tried once more."""
    path = folder / PENDING
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        write_private(path, authority.private_pem(authority.new_key()))
    return _read_key(path)


def install(folder: Path, admission: Admission, key: EllipticCurvePrivateKey) -> None:
    """Become what the hub says.

    Raises:
        KnownError: the certificate is not for this key.
    """
    if not authority.fits(admission.certificate, key, admission.authority):
        raise KnownError("the certificate is not for this device's key", where=admission.device, mend=ENROL_MEND)
    write_private(folder / AUTHORITY, admission.authority)
    write_private(folder / KEY_FILE, authority.private_pem(key) + admission.certificate)
    write_private(folder / ADMISSION_FILE, msgspec.json.encode(admission).decode())
    (folder / REVOKED).unlink(missing_ok=True)
    (folder / PENDING).unlink(missing_ok=True)


def give_up(folder: Path) -> None:
    """The device was revoked: its key goes. Its journal stays, for what the hub never heard."""
    (folder / KEY_FILE).unlink(missing_ok=True)
    write_private(folder / REVOKED, "")


class Renewal:
    """Gets a new key certified before the old certificate ends. One thread uses it."""

    def __init__(self, folder: Path, device: str) -> None:
        self._folder, self._device = folder, device
        self._key: EllipticCurvePrivateKey | None = None
        self._due_ms = self._due()

    def request(self, hub_ms: int) -> tuple[str, bytes]:
        """What to ask the hub for, PEM, signed with the key of now; "" while the certificate is good for long.

        Args:
            hub_ms: Hub time: this machine's own says nothing.
        """
        if hub_ms < self._due_ms:
            return "", b""
        self._key = self._key or authority.new_key()
        request = authority.request_of(self._key, self._device)
        return request, signer(_read_key(self._folder / KEY_FILE))(request.encode())

    def take(self, certificate: str) -> bool:
        """The hub's answer. Returns whether it is written down, and is to be used from the next connection on."""
        if self._key is None or not authority.fits(certificate, self._key, (self._folder / AUTHORITY).read_text()):
            return False
        try:
            write_private(self._folder / KEY_FILE, authority.private_pem(self._key) + certificate)
        except OSError:
            log.exception("the next certificate cannot be written: free the disk of %s", self._folder)
            return False
        self._key, self._due_ms = None, self._due()
        return True

    def _due(self) -> int:
        try:
            return authority.ends_ms((self._folder / KEY_FILE).read_text()) - RENEW_MS
        except (OSError, ValueError) as error:
            raise KnownError(str(error), where=str(self._folder / KEY_FILE), mend=ENROL_MEND) from error


def _read_key(path: Path) -> EllipticCurvePrivateKey:
    key = load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, EllipticCurvePrivateKey):
        raise KnownError("this key is none of ours", where=str(path), mend="Delete it and enrol again.")
    return key
