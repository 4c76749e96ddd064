"""The one key with which all kiosks of a simulated office sign their papers, and what its hubs know of it."""

from officelib.authority import Authority, begin, new_key, request_of
from officelib.signature import signer

KEY = new_key()
SIGN = signer(KEY)
CERTIFICATE = Authority(begin()).certify(request_of(KEY, "k1"), "k1", 0).pem
