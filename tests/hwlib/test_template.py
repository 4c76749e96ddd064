"""An office's own ticket: read, filled in, and refused with a reason before paper is spent."""

import random
from pathlib import Path

import pytest
from PIL import Image

from hwlib.errors import TemplateError
from hwlib.printer.document import Columns, Cut, Document, Feed, Logo, Qr, Rule, Text
from hwlib.printer.profile import read_profile
from hwlib.printer.template import fill, read_template
from hwlib.printer.template_lint import Needs, lint

PROFILE = read_profile("epson/tm-m30iii")
FIELDS = {"label": "A042", "copy": "", "service": "Empadronamiento", "code": "QT1:o12:A042:k1:7"}
NEEDS = Needs(texts={"label": 8.0, "copy": 0.0}, codes=("code",))
COPY = FIELDS | {"copy": "COPY 1"}
GOOD = """
schema = 1
name = "Ours"
[[line]]
feed_mm = 10
[[line]]
text = "{copy}"
[[line]]
text = "{label}"
size = 7
fit = true
[[line]]
left = { es = "Trámite", en = "Service" }
right = "{service}"
[[line]]
rule = true
[[line]]
qr = "{code}"
"""


JUNK = ["", "{", "}", "[", '"', "=", "\x00", "é", "999999999", "nan", "\n[[line]]\n"]


def written(folder: Path, text: str) -> Path:
    (folder / "ours.toml").write_text(text)
    return folder / "ours.toml"


def test_a_template_becomes_a_document(tmp_path: Path) -> None:
    template = read_template(written(tmp_path, GOOD), FIELDS)
    document: Document = fill(template, FIELDS, "es")
    assert document == (
        Feed(10),
        Text("A042", 7, fit=True),
        Columns("Trámite", "Empadronamiento"),
        Rule(),
        Qr(FIELDS["code"]),
        Cut(),
    )
    assert fill(template, {**FIELDS, "copy": "COPY 1"}, "en")[1] == Text("COPY 1")
    assert fill(template, FIELDS, "fr")[2] == Columns("Trámite", "Empadronamiento"), "the first language stands in"
    assert lint(template, PROFILE, [("es", FIELDS), ("en", FIELDS)], needs=NEEDS) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("schema = 1", "schema = 2", "schema 2; this release reads 1"),
        ("schema = 1", "", "missing required field `schema`"),
        ('"{copy}"', '"{kopy}"', "line 2: no field 'kopy'; there are code, copy, label, service"),
        ('"{copy}"', '"{copy.__class__}"', "only a field's name may stand in braces"),
        ('"{copy}"', '"{copy!r}"', "only a field's name"),
        ('"{copy}"', '"{0}"', "only a field's name"),
        ('"{copy}"', '"{copy"', "line 2: "),
        ("rule = true", "rule = true\nfeed_mm = 3", "it has rule and feed_mm"),
        ("rule = true", "bold = true", "it has none"),
        ('right = "{service}"', "", "belong together"),
        ("size = 7", "size = 9", "line[2].size"),
        ("rule = true", "ruler = true", "unknown field `ruler`"),
        ('qr = "{code}"', 'logo = "../secret.png"', "a file in the template's own folder"),
        ('qr = "{code}"', 'logo = "/etc/passwd"', "a file in the template's own folder"),
        ("[[line]]", "[[line]", "line"),
    ],
)
def test_a_bad_template_is_refused_with_its_line(tmp_path: Path, old: str, new: str, told: str) -> None:
    with pytest.raises(TemplateError) as refused:
        read_template(written(tmp_path, GOOD.replace(old, new)), FIELDS)
    assert told in str(refused.value)
    assert "ours.toml" in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("feed_mm = 10", "feed_mm = 4", "4 mm of white before the first line"),
        ('text = "{label}"\nsize = 7', 'text = "{label}"\nsize = 2', "stands 3"),
        ('"{label}"', '"ticket"', "the field 'label' is missing"),
        ('text = "{label}"', 'text = "{label} {copy}"', "the field 'label' is missing"),
        ('text = "{label}"', 'text = { es = "Turno", en = "{label}" }', "the field 'label' is missing"),
        ('text = "{label}"\nsize = 7', 'text = "N. {label}"\nsize = 1', "it needs 8"),
        ('qr = "{code}"', 'text = "{code}"', "'code' stands in no QR code"),
        ('text = "{copy}"', "rule = true", "the field 'copy' is missing"),
        ('right = "{service}"', 'right = "{service} {service} {service}"', "do not stand side by side"),
        ("rule = true", 'text = "Unterschriftenbeglaubigungsstelle"\nsize = 4', "a word is wider than the paper"),
        ("rule = true", 'text = "' + "wort " * 60 + '"\nsize = 2', "the text takes"),
        ('qr = "{code}"', 'qr = "{code}' + "x" * 300 + '"\nmodule_dots = 10', "needs"),
        ('qr = "{code}"', 'qr = "{code}"\nmodule_dots = 3', "are too small"),
        ("rule = true", 'logo = "none.png"', "none.png"),
        ("rule = true", 'logo = "black.png"\nwidth_mm = 80', "wider than the paper"),
        ("rule = true", 'logo = "black.png"\nwidth_mm = 72', "of the dots are black"),
        ("rule = true", 'text = "\\u2e9f"', "no font holds"),
        ("rule = true", "feed_mm = 100\n[[line]]\nfeed_mm = 100", "mm long; at most 250"),
        ('es = "Trámite", ', "", "'left' has no text; en is taken"),
    ],
)
def test_lint_finds_it(tmp_path: Path, old: str, new: str, told: str) -> None:
    Image.new("1", (576, 3_000), 0).save(tmp_path / "black.png")
    assert old in GOOD
    template = read_template(written(tmp_path, GOOD.replace(old, new)), FIELDS)
    findings = [str(finding) for finding in lint(template, PROFILE, [("es", FIELDS), ("es", COPY)], needs=NEEDS)]
    assert any(told in finding for finding in findings)


def test_a_changed_logo_is_printed_anew(tmp_path: Path) -> None:
    import os

    Image.new("1", (80, 40), 0).save(tmp_path / "logo.png")
    path = written(tmp_path, GOOD.replace("rule = true", 'logo = "logo.png"'))
    template = read_template(path, FIELDS)
    before = fill(template, FIELDS, "es")
    os.utime(tmp_path / "logo.png", ns=(1, 1))
    after = fill(template, FIELDS, "es")
    assert any(isinstance(op, Logo) for op in before)
    assert before != after


def test_random_templates_and_profiles_break_nothing(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    """100,000 of them with --long; here a few hundred: a known error or a good result, never anything else."""
    from hwlib.errors import ProfileError
    from hwlib.printer.profile import profiles_folder

    chance = random.Random(3)
    seeds = [GOOD, *(path.read_text() for path in profiles_folder().glob("*/*.toml"))]
    folder = tmp_path / "m"
    folder.mkdir()
    for name in ("family", "generic"):
        (tmp_path / name).symlink_to(profiles_folder() / name)
    rounds = 50_000 if pytestconfig.getoption("long") else 300
    for _ in range(rounds):
        text = chance.choice(seeds)
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(text))
            junk = chance.choice(
                ["", "{", "}", "[", '"', "=", "\x00", "é", "999999999", "nan", "\n[[line]]\n", text[at : at + 40]]
            )
            text = text[:at] + junk + text[at + chance.randint(0, 12) :]
        (folder / "x.toml").write_text(text, encoding="utf-8")
        try:
            template = read_template(folder / "x.toml", FIELDS)
        except TemplateError:
            pass
        else:
            lint(template, PROFILE, [("es", FIELDS)], needs=NEEDS)
        try:
            read_profile("m/x", tmp_path)
        except ProfileError:
            pass
