"""Who comes without the code of a booking is known by one field of the office's choice, which leaves the kiosk hashed.

The hash is slow on purpose (scrypt, 16 MiB, RFC 7914): whoever has a list of hashes works that much for each guess.
"""

import hashlib

HASH_BYTES = 16
SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**14, 8, 1
SALT = b"antesala/who/1/"


def normalised(value: str) -> str:
    """What counts of a document's number: its letters, large, and its digits."""
    return "".join(character for character in value.upper() if character.isascii() and character.isalnum())


def who_hash(value: str, office: str) -> str:
    """The hash of a citizen's field, 32 hex digits.

    Args:
        value: As written or typed.
        office: The office's id: the same number is another hash in another office.
    """
    salt = SALT + office.encode()
    plain = normalised(value).encode()
    return hashlib.scrypt(plain, salt=salt, n=SCRYPT_N, r=SCRYPT_R, p=SCRYPT_P, dklen=HASH_BYTES).hex()


def is_who_hash(text: str) -> bool:
    """Whether a text is written as such a hash."""
    return len(text) == 2 * HASH_BYTES and all(character in "0123456789abcdef" for character in text)
