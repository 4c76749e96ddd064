"""What people ask of profiles: is it right, where is a value from, how would it go to the data's project."""

import json
from pathlib import Path

from hwlib.errors import ProfileError
from hwlib.printer.profile import Resolved, codec_of, read_profile, resolve, upstream_profiles

UPSTREAM_FEATURES = (
    "barcodeA", "barcodeB", "bitImageColumn", "bitImageRaster", "graphics", "highDensity", "paperFullCut",
    "paperPartCut", "pdf417Code", "pulseBel", "pulseStandard", "qrCode", "starCommands",
)  # fmt: skip


def lint_profile(name: str, folder: Path) -> list[str]:
    """What is wrong with a profile; empty when nothing is."""
    try:
        resolved = resolve(name, folder)
        problems = list(resolved.problems)
        if name.startswith("family/"):
            return problems
        profile = read_profile(name, folder)
    except ProfileError as error:
        return [str(error)]
    said = f"{name}: "
    if profile.media.dots % 8:
        problems.append(f"{said}media.dots {profile.media.dots} is no multiple of 8")
    width_mm = profile.mm_of(profile.media.dots)
    if width_mm > profile.media.width_mm + 1:
        problems.append(f"{said}{width_mm:.0f} mm of dots on {profile.media.width_mm:g} mm of paper")
    problems += [
        f"{said}text.code_pages names {page}, which Python cannot write"
        for page in profile.text.code_pages
        if codec_of(page) is None
    ]
    if profile.text.code_pages and not any(page in profile.text.slots for page in profile.text.code_pages):
        problems.append(f"{said}text.code_pages names no page that has a slot")
    if (profile.confirm.method == "star_etx") is not (profile.language == "starprnt"):
        problems.append(f"{said}confirm.method star_etx and language starprnt belong together")
    if profile.confirm.method == "full_status" and not profile.status.full_status:
        problems.append(f"{said}confirm.method full_status needs status.full_status")
    if profile.status.kind == "none" and profile.confirm.method != "none":
        problems.append(f"{said}a printer that says nothing proves nothing: confirm.method must be none")
    if profile.presenter.kind == "custom" and not profile.status.full_status:
        problems.append(f"{said}presenter custom needs status.full_status")
    if profile.qr_native and profile.language == "starprnt":
        problems.append(f"{said}qr_native has no effect in starprnt")
    return problems


def why(resolved: Resolved, key: str) -> list[str]:
    """Where the values under a dotted key come from, a line each."""
    return [
        f"{name} = {json.dumps(value.value, ensure_ascii=False)}\n"
        f"    from {value.origin}, {value.level}: {value.source}"
        for name, value in sorted(resolved.values.items())
        if not key or name == key or name.startswith(f"{key}.")
    ]


def export_upstream(name: str, folder: Path) -> str:
    """A profile as a file for escpos-printer-db (YAML, as that project keeps them)."""
    profile, resolved = read_profile(name, folder), resolve(name, folder)
    parent = next(
        (v.origin.partition(": ")[2] for v in resolved.values.values() if v.origin.startswith("escpos-printer-db")), ""
    )
    features = dict.fromkeys(UPSTREAM_FEATURES, False) | dict(upstream_profiles().get(parent, {}).get("features", {}))
    features |= {
        "qrCode": profile.qr_native,
        "graphics": profile.image.command == "graphics",
        "bitImageRaster": profile.image.command in ("raster", "graphics"),
        "paperFullCut": profile.cut.mode == "full",
        "paperPartCut": profile.cut.mode == "partial",
        "starCommands": profile.language == "starprnt",
    }
    maker, _, model = profile.id.partition("/")
    known = [value for value in resolved.values.values() if value.level != "assumed"]
    sources = sorted({f"{value.level}, {value.source}" for value in known})
    lines = [
        "---",
        f"{model.upper()}:",
        f"  name: {json.dumps(profile.name)}",
        f"  vendor: {json.dumps(maker.title())}",
    ]
    lines += ["  inherits: default", "  notes: |", *(f"    {source}" for source in sources), "  features:"]
    lines += [f"    {key}: {str(features[key]).lower()}" for key in UPSTREAM_FEATURES]
    lines += ["  fonts:", "    0:", "      name: Font A", f"      columns: {profile.text.columns}", "  media:"]
    lines += [f"    dpi: {profile.media.dpi}", "    width:", f"      mm: {profile.media.width_mm:g}"]
    lines += [f"      pixels: {profile.media.dots}", "  codePages:"]
    lines += [f"    {slot}: {page}" for page, slot in sorted(profile.text.slots.items(), key=lambda item: item[1])]
    return "\n".join(lines) + "\n"
