"""The office's own certificate authority: says who is who at the broker. Knows no clock.

A machine's clock may say 1970 or 2040. Certificates therefore begin in 1970, and a list of revoked ones is dated by
how many there are: what is valid never depends on a clock being late. Only a device's certificate ends.
"""

import hashlib
import ipaddress
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from officelib.signature import signer

LIFE_MS = 365 * 86_400_000
RENEW_MS = LIFE_MS // 3
"""A certificate is renewed when so much of its life is left."""
BEGIN = datetime(1970, 1, 1, tzinfo=UTC)
NEVER = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
"""RFC 5280, 4.1.2.5: the date that means no end."""


class Certificate(NamedTuple):
    """A certificate as it is given away: PEM; its serial number in hex; the SHA-256 of its public key in hex."""

    pem: str
    serial: str
    public: str


class Authority:
    """Signs for one office."""

    def __init__(self, pem: str) -> None:
        """Args:
        pem: Private key and certificate, as `begin` made them.
        """
        key = load_pem_private_key(pem.encode(), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError("the authority's key is none of ours")
        self._key = key
        self._certificate = x509.load_pem_x509_certificate(pem.encode())

    @property
    def certificate(self) -> str:
        """Its own, PEM: what everybody in the office trusts."""
        return self._certificate.public_bytes(Encoding.PEM).decode()

    def for_broker(self, hosts: Sequence[str]) -> str:
        """Key and certificate of a broker that is reached by these names or addresses, PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([_general_name(host) for host in hosts])
        builder = self._builder("broker", key.public_key(), NEVER).add_extension(names, critical=False)
        return private_pem(key) + self._signed(builder, ExtendedKeyUsageOID.SERVER_AUTH).pem

    def for_hub(self, hub: str) -> str:
        """Key and certificate of a hub, PEM. It lies beside this authority's own key, and lives as long."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = self._builder(hub, key.public_key(), NEVER)
        return private_pem(key) + self._signed(builder, ExtendedKeyUsageOID.CLIENT_AUTH).pem

    def certify(self, request: str, device: str, now_ms: int) -> Certificate:
        """A device's certificate, for a year.

        Args:
            request: PKCS#10, PEM; only its key counts.
            device: Its name, the certificate's common name.
            now_ms: Hub time.

        Raises:
            ValueError: no request, or one that was not signed with its own key.
        """
        asked = x509.load_pem_x509_csr(request.encode())
        key = asked.public_key()
        is_ours = isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
        if not (is_ours and asked.is_signature_valid):
            raise ValueError("a request needs a key of the curve P-256, and that key's signature")
        end = BEGIN + timedelta(milliseconds=now_ms + LIFE_MS)
        return self._signed(self._builder(device, key, end), ExtendedKeyUsageOID.CLIENT_AUTH)

    def revoked(self, serials: Sequence[str]) -> str:
        """The list of revoked certificates, PEM."""
        issued = BEGIN + timedelta(seconds=len(serials))
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self._certificate.subject)
            .last_update(issued)
            .next_update(NEVER)
            .add_extension(x509.CRLNumber(len(serials)), critical=False)
        )
        for serial in serials:
            one = x509.RevokedCertificateBuilder().serial_number(int(serial, 16)).revocation_date(BEGIN).build()
            builder = builder.add_revoked_certificate(one)
        return builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()

    def sign(self, body: bytes) -> bytes:
        """Its signature, 64 bytes, as `officelib.signature` reads it."""
        return signer(self._key)(body)

    def is_list_of(self, pem: str, serials: Sequence[str]) -> bool:
        """Whether a list, PEM, is this authority's own, of these certificates."""
        try:
            found = x509.load_pem_x509_crl(pem.encode())
        except ValueError:
            return False
        listed = {one.serial_number for one in found}
        return found.is_signature_valid(self._key.public_key()) and listed == {int(one, 16) for one in serials}

    def _builder(self, name: str, key: Any, end: datetime) -> x509.CertificateBuilder:
        return _builder(name, key, end).issuer_name(self._certificate.subject)

    def _signed(self, builder: x509.CertificateBuilder, usage: x509.ObjectIdentifier) -> Certificate:
        made = (
            builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        public = made.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        pem = made.public_bytes(Encoding.PEM).decode()
        return Certificate(pem, f"{made.serial_number:x}", hashlib.sha256(public).hexdigest())


def begin() -> str:
    """A new authority: private key and certificate, PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = f"Antesala {secrets.token_hex(4)}"
    made = (
        _builder(name, key.public_key(), NEVER)
        .issuer_name(_name(name))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.KeyUsage(**{**_NO_USAGE, "key_cert_sign": True, "crl_sign": True}), critical=True)
        .sign(key, hashes.SHA256())
    )
    return private_pem(key) + made.public_bytes(Encoding.PEM).decode()


def request_of(key: ec.EllipticCurvePrivateKey, device: str) -> str:
    """A device's request for a certificate: PKCS#10, PEM."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(_name(device))
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


def new_key() -> ec.EllipticCurvePrivateKey:
    """A device's key; it never leaves the device."""
    return ec.generate_private_key(ec.SECP256R1())


def private_pem(key: ec.EllipticCurvePrivateKey) -> str:
    """A private key as PEM, not encrypted: it lies in a file of its owner's alone."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def ends_ms(certificate: str) -> int:
    """When a certificate (PEM) ends."""
    end = x509.load_pem_x509_certificate(certificate.encode()).not_valid_after_utc
    return int(end.timestamp() * 1000)


def serial_of(pem: str) -> str:
    """The serial number, in hex, of the certificate in a PEM, which may hold a key before it."""
    return f"{x509.load_pem_x509_certificate(pem.encode()).serial_number:x}"


def fits(certificate: str, key: ec.EllipticCurvePrivateKey, authority: str) -> bool:
    """Whether a certificate (PEM) is one for this key, signed by this authority (PEM)."""
    try:
        given = x509.load_pem_x509_certificate(certificate.encode())
        given.verify_directly_issued_by(x509.load_pem_x509_certificate(authority.encode()))
    except (ValueError, TypeError, InvalidSignature):
        return False
    return given.public_key() == key.public_key()


_NO_USAGE = dict.fromkeys(
    (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    ),
    False,
)


def _builder(name: str, key: Any, end: datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(BEGIN)
        .not_valid_after(end)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
