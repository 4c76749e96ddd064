"""The display's configuration."""

from dataclasses import dataclass
from pathlib import Path

from officelib.config import key


@dataclass(frozen=True, kw_only=True)
class DisplayConfig:
    """What a display is told at its start."""

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
    sound: str = key(
        "Where sound goes: the loudspeaker, or files in a folder.", "speaker", choices=("speaker", "folder")
    )
    sound_folder: Path = key("The folder for sound = 'folder'.", Path())
    sound_pace: float = key("Part of its time that a sound takes when it goes to a folder.", 1.0, low=0, high=1)
    language: str = key("Language of the screen before the hub was ever met.", "es")
    width_px: int = key("Width of the panel.", 1920, unit="px", low=640, high=7680)
    height_px: int = key("Height of the panel.", 1080, unit="px", low=480, high=4320)
    diagonal_in: float = key("Size of the panel.", 43.0, unit="inch", low=15, high=120)
    viewing_mm: int = key("Distance of the furthest seat.", 6000, unit="mm", low=1000, high=20_000)
    full_screen: bool = key("Whether the window covers the panel.", True)
    texts: Path = key("The folder of translations; empty for those of the release.", Path())
    control_socket: Path = key(
        "For tests and demonstrations: where a simulated camera connects; empty for none.", Path()
    )
