"""Enters the office with the code that was shown, as often as it takes; what came of it goes to the screen."""

import argparse
import logging
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from appliance.settings import STATE
from appliance.state import ANSWER, SETUP_FOLDER, TOKEN, Answer, read_appliance
from mqtt_bridge.enrol import HubRefuses, enrol
from officelib.enrolment import BadToken, read_token
from officelib.errors import KnownError
from officelib.files import write_whole

log = logging.getLogger(__name__)

HUB_PORT = 8420
FOUND_BY_NAME = "antesala-hub.local"
"""How a hub of ours is called on a network that lets names through."""
PATIENCE_S, AGAIN_S = 5.0, 5.0
KINDS = {"kiosk": "k", "display": "s"}


def main(argv: Sequence[str] | None = None) -> int:
    """Try until the machine is in, or the code can never do it. Returns 0 when it is in, else 1."""
    line = argparse.ArgumentParser(prog="antesala-enrol", description=__doc__)
    line.add_argument("role", choices=list(KINDS))
    line.add_argument("--folder", type=Path, default=SETUP_FOLDER)
    line.add_argument("--state", type=Path, default=Path(STATE))
    given = line.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="antesala-enrol: %(levelname)s %(message)s", stream=sys.stderr)
    said = read_appliance().hub
    more = [f"http://{host}:{HUB_PORT}" for host in (said, FOUND_BY_NAME) if host]
    while True:
        text = (given.folder / TOKEN).read_text().strip()
        answer = try_once(text, given.role, given.state / given.role / "identity", more)
        write_whole(given.folder / ANSWER, msgspec.json.encode(answer).decode())
        if answer.device or answer.is_final:
            (given.folder / TOKEN).unlink(missing_ok=True)
            return 0 if answer.device else 1
        log.warning("%s. %s", answer.what, answer.mend)
        time.sleep(AGAIN_S)


def try_once(text: str, role: str, identity: Path, more: Sequence[str]) -> Answer:
    """Ask the hub that the code names, then the others.

    Args:
        text: The code's.
        role: What the machine is.
        identity: Where to write down what it is in its office.
        more: Addresses of hubs, where those in the code do not answer.
    """
    try:
        device = read_token(text).invitation.device
    except BadToken as error:
        return Answer(what=str(error), mend="Show the code of 'office-hub enrol' or of the console.", is_final=True)
    if not device.startswith(KINDS[role]):
        mend = f"Make a code for {KINDS[role]} and a number, or change 'roles' in antesala.toml."
        return Answer(what=f"this code is for {device}, and the machine is a {role}", mend=mend, is_final=True)
    try:
        return Answer(device=enrol(text, identity, PATIENCE_S, more).device)
    except KnownError as error:
        is_final = isinstance(error, HubRefuses)
        return Answer(what=f"{error.where}: {error.what}", mend=error.mend, is_final=is_final)


if __name__ == "__main__":
    sys.exit(main())
