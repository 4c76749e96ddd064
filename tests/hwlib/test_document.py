"""A ticket's document as bytes, as a picture and as text: the three say the same."""

import random
import unicodedata
from pathlib import Path

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops

from hwlib.errors import EncodeError
from hwlib.printer.document import Columns, Cut, Document, Feed, Logo, Qr, Rule, Text
from hwlib.printer.escpos import define_logo, encode, logos_of
from hwlib.printer.layout import NativeQr, Run, blocks_of, height_dots, op_blocks, page_of
from hwlib.printer.picture import paper, picture, save
from hwlib.printer.plain import plain
from hwlib.printer.profile import profile_names, read_profile
from hwlib.printer.raster import column_run, logo_key, qr_image, raster_commands, scrubbed
from hwlib.printer.typeface import clean, is_rtl, segments, text_image
from hwlib.sim.paper import MARGIN_DOTS
from tests.hwlib.tickets import CODE, TICKET, decoded

EPSON, GENERIC, SMALL = read_profile("epson/tm-m30iii"), read_profile("generic/80"), read_profile("generic/58")
PROFILES = [name for name in profile_names() if not name.startswith("family/")]


def ink(image: Image.Image) -> tuple[int, int, int, int]:
    """The box of all that is black."""
    box = image.convert("L").point(lambda level: 255 - level).getbbox()
    assert box
    return box


# --- bytes, written from the manuals


def test_known_bytes_of_the_manual() -> None:
    """ESC @; GS a 255; GS P 203 203; ESC E, ESC a, GS !; ESC t 19 (CP858); GS V 66 0. From Epson's reference."""
    data = encode((Text("é", bold=True), Cut()), EPSON)
    assert data.startswith(b"\x1b@\x1da\xff\x1dP\xcb\xcb")
    for command in (b"\x1bE\x01", b"\x1ba\x01", b"\x1d!\x00", b"\x1bt\x13\x82\n"):
        assert command in data
    assert data.endswith(b"\x1dVB\x00")


def test_known_bytes_of_pictures() -> None:
    """GS v 0 m xL xH yL yH; GS ( L pL pH 48 112 48 1 1 49 ... then 48 50; ESC * 33 nL nH with 3 bytes a column."""
    black = Image.new("1", (8, 2), 0)
    dots = EPSON.media.dots
    plain_raster = raster_commands(Image.new("1", (dots, 2), 0), GENERIC)
    assert plain_raster == b"\x1dv0\x00" + bytes((72, 0, 2, 0)) + b"\xff" * 144
    graphics = raster_commands(Image.new("1", (dots, 2), 0), EPSON)
    assert (
        graphics
        == b"\x1d(L" + bytes((154, 0)) + b"0p0\x01\x011" + bytes((64, 2, 2, 0)) + b"\xff" * 144 + b"\x1d(L\x02\x0002"
    )
    assert column_run(black) == b"\x1b*\x21\x08\x00" + b"\xc0\x00\x00" * 8


def test_known_bytes_of_a_native_qr() -> None:
    """GS ( k: model 2, size, level M (49), store, print. From Epson's command reference, GS ( k 165 to 181."""
    data = encode((Qr("AB", module_dots=6),), EPSON)
    for part in (b"1A2\x00", b"1C\x06", b"1E1", b"1P0AB", b"1Q0"):
        assert b"\x1d(k" + len(part).to_bytes(2, "little") + part in data


def test_known_bytes_of_a_logo_in_memory(tmp_path: Path) -> None:
    """GS ( L 48 67 48 kc1 kc2 1 ... defines; 48 69 kc1 kc2 1 1 prints. From Epson's command reference."""
    Image.new("1", (80, 40), 0).save(tmp_path / "logo.png")
    document: Document = (Logo(tmp_path / "logo.png", 10), Cut())
    (logo,) = logos_of(document, EPSON)
    key = logo_key(logo.image)
    assert len(key) == 2
    assert all(0x20 <= byte <= 0x7E for byte in key)
    assert define_logo(logo).startswith(b"\x1d(L") and b"0C0" + key + b"\x01\x50\x00\x28\x001" in define_logo(logo)  # noqa: PT018
    stored = encode(document, EPSON, frozenset({key}))
    assert b"\x1d(L\x06\x000E" + key + b"\x01\x01" in stored
    assert len(stored) < len(encode(document, EPSON)) / 5


def test_known_bytes_of_star() -> None:
    """ESC RS a 1; ESC GS S 1 xL xH yL yH 0; ESC d 3. From Star's StarPRNT specification."""
    data = encode((Rule(), Cut()), read_profile("star/mc-print3"))
    assert data.startswith(b"\x1b@\x1b\x1ea\x01\x1b\x1dS\x01\x48\x00")
    assert data.endswith(b"\x1bd\x03")


def test_the_second_ticket_is_encoded_like_the_first() -> None:
    """python-escpos keeps its code page over ESC @: one encoder for each part of a ticket."""
    first, other = encode(TICKET, EPSON), encode((Text("Ελληνικά"), Cut()), EPSON)
    assert encode(TICKET, EPSON) == first
    assert encode((Text("Ελληνικά"), Cut()), EPSON) == other


# --- one document, three back ends


@pytest.mark.parametrize("name", PROFILES)
def test_what_is_previewed_is_what_is_printed(name: str) -> None:
    """The picture back end and the bytes, read by a decoder that shares no line with the encoder, agree dot by dot."""
    profile = read_profile(name)
    cut = () if profile.cut.mode != "none" else (b"\x1dV\x00",)
    tickets, _, _ = decoded(encode(TICKET, profile) + b"".join(cut), profile)
    (ticket,) = tickets
    drawn = paper(blocks_of(TICKET, profile), profile)
    printed = ticket.image.crop((MARGIN_DOTS, MARGIN_DOTS, MARGIN_DOTS + profile.media.dots, ticket.image.height))
    if name == "epson/tm-u220":
        assert "A042" in ticket.lines, "needles have a cell of their own: only the words are compared"
        return
    high = min(drawn.height, printed.height)
    same = ImageChops.logical_xor(drawn.crop((0, 0, drawn.width, high)), printed.crop((0, 0, printed.width, high)))
    differing = sum(same.convert("L").histogram()[1:])
    allowed = 0 if profile.cell_dots == (12, 24) and profile.media.dpi == 203 else 30_000
    assert differing <= allowed


@pytest.mark.parametrize("name", [name for name in PROFILES if name != "epson/tm-u220"])
def test_every_code_is_read_from_every_picture(name: str) -> None:
    shown = picture(TICKET, read_profile(name)).convert("L")
    found = zxingcpp.read_barcodes(shown, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    assert [code.text for code in found] == [CODE]


def test_the_text_says_what_the_paper_says() -> None:
    said = plain(TICKET, EPSON)
    for part in ("Oficina de Atención Ciudadana", "A042", "القادم", "10:15", CODE):
        assert part in said or part in "".join(said.split())
    assert all(len(line) <= EPSON.text.columns for line in said.splitlines())


@pytest.mark.parametrize("ending", ["png", "pdf"])
def test_pictures_are_written_in_true_size(tmp_path: Path, ending: str) -> None:
    save(TICKET, EPSON, tmp_path / f"t.{ending}")
    data = (tmp_path / f"t.{ending}").read_bytes()
    assert data.startswith(b"%PDF" if ending == "pdf" else b"\x89PNG")
    if ending == "png":
        with Image.open(tmp_path / "t.png") as image:
            assert image.info["dpi"][0] == pytest.approx(203, abs=1)


def test_length_is_known_before_it_is_printed() -> None:
    tickets, _, _ = decoded(encode(TICKET, EPSON), EPSON)
    assert tickets[0].image.height - MARGIN_DOTS == pytest.approx(height_dots(blocks_of(TICKET, EPSON), EPSON), abs=2)


# --- what a citizen needs


@pytest.mark.ux("CI5")
def test_a_label_is_large_enough_to_be_read() -> None:
    """UX CI5: at least 8 mm high."""
    top, bottom = ink(picture((Text("A042", size=7, bold=True), Cut()), EPSON))[1::2]
    assert EPSON.mm_of(bottom - top) >= 8


@pytest.mark.parametrize(("label", "profile"), [("A042", SMALL), ("A2-007", SMALL), ("A2-007", EPSON)])
def test_a_label_that_must_fit_is_never_broken(label: str, profile: object) -> None:
    (line,) = op_blocks(Text(label, size=8, fit=True), profile)
    assert line.runs == (Run(label, ""),)  # type: ignore[union-attr]


@pytest.mark.ux("KP8")
def test_the_head_of_a_ticket_is_told_by_touch() -> None:
    """EN 301 549 8.4.3: white at one end, at least 10 mm."""
    assert EPSON.mm_of(ink(picture((Feed(10), Text("A"), Cut()), EPSON))[1]) >= 9.9


def test_a_qr_has_its_quiet_zone() -> None:
    for profile in (EPSON, GENERIC):
        above = ink(picture((Qr("x", module_dots=5), Cut()), profile))[1]
        assert above == 4 * 5


# --- text


def test_a_page_is_chosen_for_each_text() -> None:
    assert page_of("A042", EPSON) == ""
    assert page_of("Atenció", EPSON) == "CP858"
    assert page_of("5 €", EPSON) == "CP858"
    assert page_of("Русский", EPSON) == "CP866"
    assert page_of("القادم", EPSON) is None
    assert page_of("é", GENERIC) is None, "an unknown printer's pages are not trusted"


def test_words_of_another_script_stand_as_dots_between_the_others() -> None:
    line = op_blocks(Text("Mesa Αθήνα 42 del ala norte"), SMALL)[0]
    assert [(run.text, run.dots is not None) for run in line.runs] == [  # type: ignore[union-attr]
        ("Mesa", False), (" ", False), ("Αθήνα", True), (" 42 del ala norte", False),
    ]  # fmt: skip


def test_letters_of_one_alphabet_never_stand_in_two_fonts() -> None:
    (dots,) = op_blocks(Text("Oficina de Atención Ciudadana"), GENERIC)
    assert dots.image.width == GENERIC.media.dots  # type: ignore[union-attr]


def test_arabic_is_shaped_and_runs_from_right_to_left() -> None:
    assert is_rtl("القادم A042")
    assert not is_rtl("A042 القادم")
    parts = segments("القادم A042 الآن", bold=False, size=20)
    assert [(text, rtl) for text, _, rtl in parts] == [("القادم ", True), ("A042", False), (" الآن", True)]
    mixed = text_image("سسسس i", width_dots=300, size_dots=40, bold=False, align="left")
    first = next(x for x in range(300) if 0 in mixed.crop((x, 0, x + 1, mixed.height)).tobytes("raw", "L"))
    columns = [0 in mixed.crop((x, 0, x + 1, mixed.height)).tobytes("raw", "L") for x in range(first, first + 20)]
    assert columns.index(False) <= 6, "the narrow letter stands at the left, where such a line ends"
    joined = text_image("سلام", width_dots=300, size_dots=40, bold=False, align="left")
    apart = text_image("س ل ا م", width_dots=300, size_dots=40, bold=False, align="left")
    assert ink(joined)[2] - ink(joined)[0] < ink(apart)[2] - ink(apart)[0], "letters are joined"
    right = text_image("سلام", width_dots=300, size_dots=40, bold=False, align="right")
    assert ink(right)[2] >= 295


def test_columns_of_arabic_stand_the_other_way_round() -> None:
    (dots,) = op_blocks(Columns("الموعد", "10:30"), EPSON)
    image = dots.image  # type: ignore[union-attr]
    left, right = image.crop((0, 0, 288, image.height)), image.crop((288, 0, 576, image.height))
    time_wide = ink(left)[2] - ink(left)[0]
    assert ink(left)[0] < 20
    assert ink(right)[2] > 260
    assert time_wide < 100


def test_what_no_font_holds_is_said() -> None:
    with pytest.raises(EncodeError, match=r"no font holds .* \(U\+2E9F"):
        encode((Text("é \u2e9f"),), GENERIC)


def test_a_printer_without_dots_gets_question_marks() -> None:
    needles = read_profile("epson/tm-u220")
    tickets, _, _ = decoded(encode((Text("Su turno القادم"), Qr("x"), Cut()), needles), needles)
    assert tickets[0].lines == ["Su turno ??????"]


# --- nothing hidden


@given(st.text(max_size=60))
def test_no_text_reaches_a_printer_as_a_command(text: str) -> None:
    cleaned = clean(text)
    assert not any(unicodedata.category(char)[0] == "C" for char in cleaned)
    try:
        data = encode((Text(text, align="left"), Cut()), EPSON)
    except EncodeError:
        return
    for command in (b"\x10\x04", b"\x10\x05", b"\x10\x14"):
        assert command not in data


def test_an_injected_command_is_only_letters() -> None:
    """python-escpos sends it on: the negative control of this rule."""
    from escpos.printer import Dummy

    evil = "a\x10\x04\x01b\x1b@"
    raw = Dummy()
    raw.text(evil)
    assert b"\x10\x04\x01" in raw.output
    assert b"\x10\x04\x01" not in encode((Text(evil),), EPSON)


@pytest.mark.parametrize("name", ["generic/80", "epson/tm-m30iii", "star/mc-print3"])
def test_pictures_hide_no_real_time_commands(name: str, tmp_path: Path) -> None:
    profile, chance = read_profile(name), random.Random(5)
    for number in range(30):
        width = chance.choice((384, 512, 576))
        Image.frombytes("1", (width, 120), chance.randbytes(width // 8 * 120)).save(tmp_path / f"{number}.png")
        data = encode((Logo(tmp_path / f"{number}.png", profile.mm_of(width)), Cut()), profile)
        for hidden in (b"\x10\x04", b"\x10\x05", b"\x10\x14"):
            assert hidden not in data
    assert scrubbed(b"\x10\x04\x10\x10\x05") == b"\x11\x04\x10\x11\x05"


def test_rows_that_confuse_a_firmware_are_avoided() -> None:
    clone = read_profile("zjiang/pos-5890")
    for height in (48, 96, 239 + 48, 480):
        data = raster_commands(Image.new("1", (384, height), 0), clone)
        at, rows = 0, []
        while at < len(data):
            rows.append(int.from_bytes(data[at + 6 : at + 8], "little"))
            at += 8 + 48 * rows[-1]
        assert sum(rows) == height
        assert all(count % 48 for count in rows)


def test_a_logo_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(b"no picture")
    with pytest.raises(EncodeError, match=r"logo .*logo.png"):
        encode((Logo(tmp_path / "logo.png", 10),), EPSON)
    with pytest.raises(EncodeError, match="nothing.png"):
        encode((Logo(tmp_path / "nothing.png", 10),), EPSON)


def test_too_much_for_a_qr_is_refused() -> None:
    with pytest.raises(EncodeError, match="do not fit"):
        qr_image("x" * 5_000, 3)


def test_a_native_qr_is_only_for_printers_that_have_one() -> None:
    assert any(isinstance(block, NativeQr) for block in op_blocks(Qr("x"), EPSON))
    assert not any(isinstance(block, NativeQr) for block in op_blocks(Qr("x"), GENERIC))
