"""Labels as a voice says them: the letter's name, the number without leading zeros. Pure."""

from officelib.ids import Label, parse_label
from officelib.texts import Texts


def letter_of(label: Label, words: Texts) -> str:
    """The name of a label's letter. `words` are texts of the kind "speech"."""
    key = f"letter_{label.series}"
    return words.get(key) if key in words.entries else label.series


def spoken_label(text: str, words: Texts) -> str:
    """A label as words: "A042" is "a, 42"."""
    label = parse_label(text)
    letter = letter_of(label, words)
    if label.slot is None:
        return words.get("label", letter=letter, number=label.number)
    return words.get("label_lane", letter=letter, slot=label.slot, number=label.number)
