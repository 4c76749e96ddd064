"""How a device enters an office: by a token of one use, which an operator shows it as a QR.

Nothing secret goes over the network. The device asks with a certificate request, the hub answers with a certificate,
and each proves by an HMAC under the token's secret that it is the one that the token means. The hub keeps no list of
tokens: it can tell a secret of its own from any other, and its log says which tokens were used.
"""

import base64
import hashlib
import hmac
import secrets
from pathlib import Path
from typing import Literal

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from officelib.errors import KnownError

PREFIX = "QE1"
"""What the text of a token's QR begins with: a kiosk tells it from a booking."""
NONCE_BYTES = 8
SECRET_BYTES = 16
CHECK_BYTES = 4
"""So that a letter that was misread is told before anybody is asked."""
NOT_WHOLE = "the token is not whole: scan or copy it again"
VALID_MS = 24 * 3600_000
PROOF_HEADER = "antesala-proof"
PATH = "/enrol"
ADMISSION_FILE, KEY_FILE = "admission.json", "device.pem"
ENROL_MEND = "On the hub: 'office-hub enrol', which shows a token; here: 'mqtt-bridge enrol TOKEN'."


class Invitation(msgspec.Struct, frozen=True, array_like=True):
    """What a token is for.

    Attributes:
        device: The name that the device will have.
        slot: The digit of a kiosk's lane; 0: the next free one.
        expires_ms: Hub time.
        nonce: Makes it the only one.
    """

    device: str
    slot: int
    expires_ms: int
    nonce: bytes


class Token(msgspec.Struct, frozen=True, array_like=True):
    """What the operator shows to the device.

    Attributes:
        invitation: What it is for.
        secret: Known to the hub and to who saw the token.
        hubs: Where to ask, as "http://10.0.0.5:8420".
    """

    invitation: Invitation
    secret: bytes
    hubs: tuple[str, ...]


class Ask(msgspec.Struct, frozen=True):
    """A device asks for its certificate. The proof goes over all of it, in a header."""

    invitation: Invitation
    request: str


class BrokerPlace(msgspec.Struct, frozen=True):
    """Where a broker is."""

    host: str
    port: int


class Admission(msgspec.Struct, frozen=True):
    """The hub's answer: the device belongs to the office. `slot` is its lane's digit, 0 for none or the next free."""

    office: str
    device: str
    slot: int
    certificate: str
    authority: str
    brokers: tuple[BrokerPlace, ...]


def read_admission(folder: Path) -> Admission:
    """What a device is in its office, as its bridge wrote it down.

    Raises:
        KnownError: it was not enrolled yet.
    """
    try:
        return msgspec.json.decode((folder / ADMISSION_FILE).read_bytes(), type=Admission)
    except (OSError, ValueError) as error:
        raise KnownError("this device belongs to no office yet", where=str(folder), mend=ENROL_MEND) from error


def read_key(folder: Path) -> EllipticCurvePrivateKey:
    """A device's own key.

    Raises:
        KnownError: it was not enrolled yet, or was revoked.
    """
    try:
        key = load_pem_private_key((folder / KEY_FILE).read_bytes(), None)
    except (OSError, ValueError) as error:
        raise KnownError("this device has no key", where=str(folder), mend=ENROL_MEND) from error
    if not isinstance(key, EllipticCurvePrivateKey):
        raise KnownError("this device's key is none of ours", where=str(folder), mend=ENROL_MEND)
    return key


class BadToken(ValueError):
    """The text is no token."""


def new_token(key: bytes, device: str, slot: int, now_ms: int, hubs: tuple[str, ...]) -> Token:
    """A token for a device.

    Args:
        key: The hub's, for tokens.
        device: The name that it will have.
        slot: The digit of its lane.
        now_ms: Hub time; the token is valid for a day.
        hubs: Where to ask.
    """
    invitation = Invitation(device, slot, now_ms + VALID_MS, secrets.token_bytes(NONCE_BYTES))
    return Token(invitation, secret_of(key, invitation), hubs)


def secret_of(key: bytes, invitation: Invitation) -> bytes:
    """The secret that only the token and the hub have."""
    return hmac.digest(key, msgspec.msgpack.encode(invitation), "sha256")[:SECRET_BYTES]


def write_token(token: Token) -> str:
    """The token's text: capitals and digits, which every scanner and keyboard layout reads the same."""
    body = msgspec.msgpack.encode(token)
    return PREFIX + base64.b32encode(body + _check(body)).decode().rstrip("=")


def read_token(text: str) -> Token:
    """A token from its text.

    Raises:
        BadToken: it is none.
    """
    body = text.strip().upper().removeprefix(PREFIX)
    if body == text.strip().upper():
        raise BadToken(f"an enrolment token begins with {PREFIX}")
    try:
        packed = base64.b32decode(body + "=" * (-len(body) % 8))
        if _check(packed[:-CHECK_BYTES]) != packed[-CHECK_BYTES:]:
            raise BadToken(NOT_WHOLE)
        return msgspec.msgpack.decode(packed[:-CHECK_BYTES], type=Token)
    except ValueError as error:
        raise BadToken(NOT_WHOLE) from error


def _check(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()[:CHECK_BYTES]


def prove(secret: bytes, who: Literal["ask", "admission"], body: bytes) -> str:
    """What shows that `body` comes from who has the secret; hex."""
    return hmac.new(secret, who.encode() + b"\n" + body, hashlib.sha256).hexdigest()


def is_proved(secret: bytes, who: Literal["ask", "admission"], body: bytes, proof: str) -> bool:
    """Whether `proof` fits."""
    return hmac.compare_digest(prove(secret, who, body).encode(), proof.encode(errors="replace"))
