"""What a proof found, appended to the day's file of results."""

import time
from pathlib import Path


def append(folder: Path, title: str, text: str) -> None:
    """Add a section to today's file; earlier runs of the day stay."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"reliability-{time.strftime('%Y-%m-%d')}.md").open("a", encoding="utf-8") as file:
        file.write(f"## {title}, {time.strftime('%H:%M')}\n\n```\n{text.rstrip()}\n```\n\n")
