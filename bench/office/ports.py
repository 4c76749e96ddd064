"""Ports of this machine for parts that start and die while others dial them."""

import random
import socket
from contextlib import ExitStack

UNLENT = range(20_000, 32_768)
"""Below the ports that Linux lends to those who dial out (net.ipv4.ip_local_port_range): who dials a dead part on a
lent one can be given that very port for its own end, and is then connected to itself."""


def free_ports(count: int) -> list[int]:
    """So many on loopback that nothing listens on, all different.

    Raises:
        OSError: there are none.
    """
    found: list[int] = []
    with ExitStack() as held:
        for port in random.sample(UNLENT, k=len(UNLENT)):
            try:
                held.enter_context(socket.create_server(("127.0.0.1", port)))
            except OSError:
                continue
            found.append(port)
            if len(found) == count:
                return found
    raise OSError("no free port on 127.0.0.1")
