"""What the start of the machine left for the others: what it is, and what keeps it from its work."""

from pathlib import Path

import msgspec

from appliance.settings import CONFIG

STATE_FILE = Path(CONFIG) / "appliance.json"
SETUP_FOLDER = Path("/run/antesala-setup")
TOKEN, ANSWER = "token", "answer.json"


class Problem(msgspec.Struct, frozen=True):
    """One thing that keeps the machine from its work: where, what, and what to do."""

    where: str
    what: str
    mend: str


class Appliance(msgspec.Struct, frozen=True):
    """What the machine is, by the technician's file.

    Attributes:
        roles: Empty while the file is wrong.
        problems: What a technician must mend before anything else.
        language: Of the screen.
        hub: Where the hub is, "" where the enrolment code says it.
        width_px: Of the panel, as it hangs.
        height_px: Of the panel.
        diagonal_in: Of the panel.
        scanner: The address of the scanner that an enrolment code is shown to.
        scanner_baud: Of a serial one.
        release: Of the system.
        console: Where a hub's console is, as ":8420"; "" where the machine is no hub.
        name: The machine's on the network.
    """

    roles: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    language: str = "es"
    hub: str = ""
    width_px: int = 1080
    height_px: int = 1920
    diagonal_in: float = 21.5
    scanner: str = "wedge:///dev/antesala/scanner"
    scanner_baud: int = 115_200
    release: str = ""
    console: str = ""
    name: str = ""

    @property
    def is_hub_alone(self) -> bool:
        """Whether a panel at it would have nothing to show but where the console is."""
        return self.roles == ("hub",)

    @property
    def screen_role(self) -> str:
        """The role that has a screen; a hub alone, and a machine that does not know what it is, show what kiosks do."""
        return next((role for role in self.roles if role != "hub"), "kiosk")


class Answer(msgspec.Struct, frozen=True):
    """What came of an enrolment code. `is_final`: it is not tried again."""

    device: str = ""
    what: str = ""
    mend: str = ""
    is_final: bool = False


def read_appliance(path: Path = STATE_FILE) -> Appliance:
    """What the start of the machine wrote; an empty one where it could not."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Appliance)
    except (OSError, ValueError):
        return Appliance(problems=(Problem(str(path), "the machine's start left no word", "Switch it off and on."),))


def read_answer(folder: Path = SETUP_FOLDER) -> Answer | None:
    """The latest answer, or None."""
    try:
        return msgspec.json.decode((folder / ANSWER).read_bytes(), type=Answer)
    except (OSError, ValueError):
        return None
