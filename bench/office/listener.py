"""A citizen of the demonstration who does not see: a keypad, and what the kiosk says."""

import json

from bench.office.stage import Stage, wait_for
from hwlib.sim.control import command
from officelib.assets import asset
from officelib.catalogue import text_in
from officelib.texts import read_texts

MOST_KEYS = 30
LANGUAGE = "es"


class Listener:
    """Presses keys until the right words are heard."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._words = read_texts(asset("i18n"), "kiosk", (LANGUAGE,))[LANGUAGE]

    def takes_a_ticket(self, service: str) -> list[str]:
        """From the first key to the number; returns all that was said.

        Raises:
            LookupError: what has to be there was not heard.
            TimeoutError: the kiosk fell silent.
        """
        name = text_in(self.stage.catalogue.services[service].name, LANGUAGE)
        self._press("help")
        for words in (self._words.get("start"), name, self._words.get("take_ticket")):
            self._find(words)
            self._press("select")
        wait_for(lambda: self._words.get("printed") in self.heard(), "the kiosk to say that the ticket is printed")
        heard = self.heard()
        command(self.stage.control("kiosk"), key="back")
        return heard

    def heard(self) -> list[str]:
        """All sentences so far."""
        path = self.stage.out / "spoken" / "said.jsonl"
        written = path.read_text(encoding="utf-8") if path.exists() else ""
        return [json.loads(line)["text"] for line in written[: written.rfind("\n") + 1].splitlines()]

    def _find(self, words: str) -> None:
        for _ in range(MOST_KEYS):
            if any(text.startswith(words) for text in self._press("next")):
                return
        raise LookupError(f"'{words}' was not heard")

    def _press(self, key: str) -> list[str]:
        before = len(self.heard())
        command(self.stage.control("kiosk"), key=key)
        wait_for(lambda: len(self.heard()) > before, f"an answer to the key '{key}'", 10)
        return self.heard()[before:]
