"""The display's configuration."""

from dataclasses import dataclass
from pathlib import Path

from officelib.config import key


@dataclass(frozen=True, kw_only=True)
class ScreenConfig:
    """One screen: the panel, where it hangs, and what is shown on it."""

    output: str = key("The output that the panel is on, as HDMI-A-2; empty where there is but one.", "")
    width_px: int = key("Width of the panel, as it hangs.", 1920, unit="px", low=480, high=7680)
    height_px: int = key("Height of the panel, as it hangs.", 1080, unit="px", low=480, high=7680)
    diagonal_in: float = key("Size of the panel.", 43.0, unit="inch", low=10, high=120)
    viewing_mm: int = key("Distance of the furthest seat.", 6000, unit="mm", low=1000, high=30_000)
    calls: int = key("How many calls may stand large at once.", 1, low=1, high=4)
    series: tuple[str, ...] = key("Letters whose calls are shown; empty for all.", ())
    counters: tuple[str, ...] = key("Counters whose calls are shown; empty for all.", ())
    arrows: tuple[str, ...] = key(
        "Where counters are, seen from this panel, as '3 left': up, up-right, right, down-right, down, down-left, left "
        "or up-left; up is straight ahead.",
        (),
    )
    pictures: Path = key("A folder of pictures for times without a call; empty for none.", Path())
    picture_s: int = key("How long each picture stands.", 12, unit="s", low=3, high=3600)


@dataclass(frozen=True, kw_only=True)
class DisplayConfig(ScreenConfig):
    """What a display is told at its start."""

    second_screen: Path = key(
        "A file with the keys 'output' to 'picture_s' for a second panel on this box; empty for none.", Path()
    )
    identity: Path = key("The folder in which the bridge keeps what this device is in its office.", Path("identity"))
    journal: Path = key("The display's journal; on a disk that keeps its word.")
    bridge_socket: Path = key("The unix socket of the bridge beside this display.")
    speech_cache: Path = key("A folder for sentences that were spoken before.")
    voice: str = key(
        "Who speaks: espeak, piper (voices in voice_folder), or a bank of recordings there over one of them.",
        "espeak",
        choices=("espeak", "piper", "bank", "bank+piper"),
    )
    voice_folder: Path = key("Voices of Piper as es.onnx, and recordings.", Path())
    also_in: tuple[str, ...] = key(
        "Languages in which each call is said after the citizen's own, while there are fewer than two calls a minute.",
        (),
    )
    levels: tuple[str, ...] = key(
        "Sound by the time of the day: '20:00-22:00 -6' is 6 dB less, '14:00-16:00 off' a quiet hour.", ()
    )
    sound: str = key(
        "Where sound goes: the loudspeaker, or files in a folder.", "speaker", choices=("speaker", "folder")
    )
    speaker_device: str = key("ALSA's name of the loudspeaker; 'aplay -L' lists them.", "default")
    loop_device: str = key("ALSA's name of the hearing loop's amplifier, which has no quiet hours; empty for none.", "")
    sound_folder: Path = key("The folder for sound = 'folder'.", Path())
    sound_pace: float = key("Part of its time that a sound takes when it goes to a folder.", 1.0, low=0, high=1)
    alarm_contact: str = key("The input device of the alarm's contact, which silences the display; empty for none.", "")
    nights: tuple[str, ...] = key("When the panel is dark, as '22:00-06:30'; a call lights it all the same.", ())
    panel_off_by: str = key(
        "How a dark panel is switched off: cec (a television on HDMI), dpms (a monitor); empty: it shows black.",
        "",
        choices=("", "cec", "dpms"),
    )
    dimmed: tuple[str, ...] = key("Brightness by the time of the day in percent, as '19:00-22:00 60'.", ())
    dim_by: str = key(
        "What sets it: backlight, ddc (a monitor's own); empty: nothing.", "", choices=("", "backlight", "ddc")
    )
    still: bool = key("Nothing moves: a new call does not pulse.", False)
    language: str = key("Language of the screen before the hub was ever met.", "es")
    full_screen: bool = key("Whether the window covers the panel.", True)
    texts: Path = key("The folder of translations; empty for those of the release.", Path())
    control_socket: Path = key(
        "For tests and demonstrations: where a simulated camera connects; empty for none.", Path()
    )
