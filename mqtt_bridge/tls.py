"""TLS to the office's broker: both sides show a certificate of the office's own authority."""

import socket
import ssl
from dataclasses import dataclass
from pathlib import Path

NO_CHECK_TIME = ssl.VerifyFlags(0x200000)
"""X509_V_FLAG_NO_CHECK_TIME of OpenSSL's x509_vfy.h. A device's clock may say 1970; its broker is known by its key."""
HEAR_S = 2.0

REFUSALS = {
    "SSLV3_ALERT_CERTIFICATE_REVOKED": "this device was revoked",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": "this device's certificate is over: enrol it again",
    "TLSV1_ALERT_UNKNOWN_CA": "this device was enrolled by another office: enrol it again",
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": "this device shows no certificate: enrol it",
}
REVOKED = "SSLV3_ALERT_CERTIFICATE_REVOKED"


@dataclass(frozen=True)
class TlsFiles:
    """Where the authority's certificate is, and our own with its key; PEM."""

    authority: Path
    certificate: Path


def context_of(files: TlsFiles) -> ssl.SSLContext:
    """What a connection to the broker is wrapped with.

    Raises:
        OSError: a file is not there, or is no certificate (ssl.SSLError).
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_verify_locations(files.authority)
    context.load_cert_chain(files.certificate)
    context.verify_flags |= NO_CHECK_TIME
    return context


def refusal(host: str, port: int, files: TlsFiles) -> str:
    """Why the broker wants nothing of our certificate: OpenSSL's name of the alert; "" when it does not say.

    With TLS 1.3 a client learns it after its own handshake is over, and only when it reads. Such an alert comes from
    who has shown to be the office's broker; one before that may be anybody's, and means nothing.
    """
    try:
        with (
            socket.create_connection((host, port), HEAR_S) as plain,
            context_of(files).wrap_socket(plain, server_hostname=host) as wrapped,
        ):
            return _heard(wrapped)
    except OSError:
        return ""


def _heard(wrapped: ssl.SSLSocket) -> str:
    try:
        wrapped.recv(1)
    except ssl.SSLError as error:
        return error.reason or ""
    return ""
