"""Signatures by devices' keys: ECDSA on P-256 with SHA-256, as r and s, 32 bytes each."""

from collections.abc import Callable, Iterable

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

COORDINATE_BYTES = 32
SIGNATURE_BYTES = 2 * COORDINATE_BYTES

Sign = Callable[[bytes], bytes]


def signer(key: ec.EllipticCurvePrivateKey) -> Sign:
    """Signs with a device's own key."""

    def sign(body: bytes) -> bytes:
        r, s = decode_dss_signature(key.sign(body, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(COORDINATE_BYTES) + s.to_bytes(COORDINATE_BYTES)

    return sign


def unsigned(_body: bytes) -> bytes:
    """For rehearsals without a certificate: a signature that no hub believes."""
    return bytes(SIGNATURE_BYTES)


def is_signed(body: bytes, signature: bytes, certificates: Iterable[str]) -> bool:
    """Whether one of these certificates' keys (PEM) signed the body."""
    if len(signature) != SIGNATURE_BYTES:
        return False
    r, s = int.from_bytes(signature[:COORDINATE_BYTES]), int.from_bytes(signature[COORDINATE_BYTES:])
    der = encode_dss_signature(r, s)
    for pem in certificates:
        key = x509.load_pem_x509_certificate(pem.encode()).public_key()
        try:
            if isinstance(key, ec.EllipticCurvePublicKey):
                key.verify(der, body, ec.ECDSA(hashes.SHA256()))
                return True
        except InvalidSignature:
            continue
    return False
