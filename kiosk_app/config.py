"""The kiosk's configuration."""

from dataclasses import dataclass
from pathlib import Path

from officelib.config import key


@dataclass(frozen=True, kw_only=True)
class KioskConfig:
    """What a kiosk is told at its start."""

    identity: Path = key("The folder in which the bridge keeps what this device is in its office.", Path("identity"))
    journal: Path = key("The kiosk's journal; on a disk that keeps its word.")
    bridge_socket: Path = key("The unix socket of the bridge beside this kiosk.")
    printer: str = key("The printer: tcp://host:9100, usblp:///dev/usb/lp0, usb://04b8:0e32 or serial:///dev/ttyS0.")
    printer_profile: str = key("What the printer can do, as generic/80 or epson/tm-m30iii.", "generic/80")
    second_printer: str = key("A printer that takes over what the first could not begin; empty for none.", "")
    second_printer_profile: str = key("What the second printer can do.", "generic/80")
    roll_m: int = key("Length of a new roll of paper.", 80, unit="m", low=5, high=500)
    ticket_template: Path = key("The office's own ticket; empty for the standard one.", Path())
    scanner: str = key(
        "The scanner: serial:///dev/ttyACM0, wedge:///dev/input/by-id/...-event-kbd, hidpos:///dev/hidraw0 or"
        " camera:///dev/video0."
    )
    scanner_baud: int = key("Speed of a serial scanner.", 115_200, unit="baud", low=1200, high=921_600)
    keypad: str = key("The audio keypad, as /dev/input/by-id/usb-Storm_...-event-kbd; empty for none.", "")
    keypad_keys: str = key("What its keys do: storm_default, plain_arrows, or a file of your own.", "storm_default")
    jack: str = key("The sound card's jack, as /dev/input/by-path/...-event; empty where the keypad tells.", "")
    sound: str = key("Where the voice goes.", "speaker", choices=("speaker", "folder"))
    sound_folder: Path = key("With sound = folder: where sentences are kept as WAV files.", Path("said"))
    sound_pace: float = key(
        "With sound = folder: 1 for as long as a sentence lasts, 0 for no time.", 0.0, low=0, high=1
    )
    speaker_device: str = key("ALSA's name of the loudspeaker.", "default")
    headphones_device: str = key("ALSA's name of the jack for headphones.", "default")
    jack_switches: bool = key("Whether the plug itself cuts the loudspeaker off.", False)
    full_scale_db: float = key(
        "How loud the loudspeaker is at full scale, 0.6 m before it, as measured.", 80.0, unit="dB(A)", low=65, high=110
    )
    ambient_db: float = key("The noise of the room, as measured.", 45.0, unit="dB(A)", low=20, high=80)
    voice: str = key("The voice.", "espeak", choices=("espeak", "piper", "bank", "bank+piper"))
    voice_folder: Path = key("Voices of piper, or recorded sentences.", Path("voices"))
    speech_cache: Path = key("Keeps sentences that were spoken before; empty for beside the journal.", Path())
    screen_bottom_mm: int = key("How high above the floor the panel begins.", 700, unit="mm", low=200, high=1500)
    door: str = key("What 'kiosk-app door' wrote of the technician's code; empty for no maintenance page.", "")
    language: str = key("Language of the screen before the hub was ever met.", "es")
    width_px: int = key("Width of the panel.", 1080, unit="px", low=480, high=4320)
    height_px: int = key("Height of the panel.", 1920, unit="px", low=480, high=4320)
    diagonal_in: float = key("Size of the panel.", 21.5, unit="inch", low=7, high=60)
    pictures: Path = key("A folder of pictures for the first page, JPEG or PNG; empty for none.", Path())
    picture_s: int = key("How long each of them is shown.", 12, unit="s", low=5, high=600)
    full_screen: bool = key("Whether the window covers the panel.", True)
    texts: Path = key("The folder of translations; empty for those of the release.", Path())
    ticket_ms: int = key("How long a finished ticket stays on the screen.", 12_000, unit="ms", low=8_000, high=60_000)
    speech_idle_ms: int = key(
        "The same while the kiosk speaks, from the end of what it says.", 120_000, unit="ms", low=20_000, high=600_000
    )
    idle_ms: int = key("After how long without a touch the kiosk asks.", 45_000, unit="ms", low=5_000, high=300_000)
    warning_ms: int = key("How long the question waits.", 20_000, unit="ms", low=3_000, high=120_000)
    answer_ms: int = key(
        "How long the hub may think before the kiosk gives a number of its own.", 400, unit="ms", low=50
    )
    print_expires_s: float = key("Paper that could not begin by then is not printed.", 30.0, unit="s", low=1, high=600)
    control_socket: Path = key(
        "For tests and demonstrations: where a simulated finger connects; empty for none.", Path()
    )
