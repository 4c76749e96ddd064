"""Fills a bank of recordings with the pieces of all announcements, for a person to record over."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from display_app.core.phrases import sentence
from hwlib.audio.engines import bank_name, pieces_of
from hwlib.audio.speech import Speech, SpeechFailed
from hwlib.audio.wav import read_wav, write_wav
from officelib.assets import texts_folder
from officelib.board import Call
from officelib.catalogue import LEGIBLE_SERIES
from officelib.errors import KnownError
from officelib.ids import lane_label, main_label
from officelib.texts import Texts, languages_in, read_texts


def pieces(texts: Mapping[str, Texts], language: str, numbers: int, counters: Sequence[str]) -> list[str]:
    """Every piece of what a display may say of a call in a language, each once."""
    found: dict[str, None] = {}
    labels = [label for series in sorted(LEGIBLE_SERIES) for label in (main_label(series, 1), lane_label(series, 1, 1))]
    for label in labels:
        for counter in counters:
            for recall, again in ((False, False), (True, False), (False, True)):
                call = Call("", "", (label,), counter, 0, language, recall=recall)
                found |= dict.fromkeys(pieces_of(sentence(call, texts, language, language, again=again)[0]))
    found |= dict.fromkeys(str(number) for number in range(1, numbers + 1))
    return list(found)


def bank(argv: Sequence[str]) -> int:
    """Write the pieces that are not there yet."""
    line = argparse.ArgumentParser(
        prog="display-app bank",
        description="Writes each piece of the announcements as a WAV file, where there is none. Record over any: "
        "mono, 16 bit, 22050 Hz. The display takes a bank with voice = 'bank' and voice_folder = FOLDER.",
    )
    line.add_argument("folder", type=Path, metavar="FOLDER")
    line.add_argument("--language", required=True)
    line.add_argument("--engine", default="espeak", choices=("espeak", "piper"), help="who says what is not recorded")
    line.add_argument("--voices", type=Path, default=Path(), help="Piper's voices, as es.onnx")
    line.add_argument("--numbers", type=int, default=999, help="numbers from 1 to this")
    line.add_argument("--counters", default="1,2,3,4,5,6,7,8,9,10,11,12", help="the counters' names")
    given = line.parse_args(argv)
    folder = texts_folder(Path())
    languages = languages_in(folder, "speech")
    if given.language not in languages:
        raise KnownError(
            f"no language '{given.language}'", where="--language", mend=f"There are: {', '.join(languages)}."
        )
    wanted = pieces(read_texts(folder, "speech", languages), given.language, given.numbers, given.counters.split(","))
    missing = [piece for piece in wanted if not (given.folder / bank_name(piece, given.language)).exists()]
    speech = Speech(given.folder / ".made", engine=given.engine, folder=given.voices)
    try:
        for piece in missing:
            path = given.folder / bank_name(piece, given.language)
            path.parent.mkdir(parents=True, exist_ok=True)
            write_wav(path, read_wav(speech.file_for(piece, given.language)))
    except SpeechFailed as error:
        raise KnownError(str(error), where="the voice", mend="Install it, or record the pieces by hand.") from error
    finally:
        speech.close()
    sys.stdout.write(f"{given.folder / given.language}: {len(wanted)} pieces, {len(missing)} of them new\n")
    return 0
