"""Where the data that ships with the programs lies."""

from importlib import resources
from pathlib import Path


def asset(*parts: str) -> Path:
    """A file or folder of the release's assets."""
    return Path(str(resources.files("assets"))).joinpath(*parts)


def texts_folder(configured: Path) -> Path:
    """The folder of translations: the configured one, else that of the release."""
    return asset("i18n") if configured == Path() else configured
