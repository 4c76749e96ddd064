"""The bill of materials: every Debian package and every Python package of an image, in CycloneDX."""

import uuid
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from imagebuild.board import Build
from imagebuild.disk import NAMES
from imagebuild.wheels import Wheel


class Package(msgspec.Struct, frozen=True):
    """A Debian package that is installed."""

    name: str
    version: str
    architecture: str
    source: str
    source_version: str


def packages_of(status: str) -> list[Package]:
    """All that are installed, by the text of dpkg's status file."""
    found = []
    for block in status.split("\n\n"):
        facts = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line and not line.startswith(" "))
        if facts.get("Status", "").endswith(" installed"):
            source, _, at = facts.get("Source", facts["Package"]).partition(" (")
            version = facts["Version"]
            found.append(Package(facts["Package"], version, facts["Architecture"], source, at.rstrip(")") or version))
    return sorted(found, key=lambda package: package.name)


def write(build: Build, wheels: list[Wheel], release: str, path: Path) -> int:
    """Write it; returns how many parts it names.

    Debian's parts carry their source package and its version, and Python's their names in the package index: what
    lists of known vulnerabilities (Debian's security tracker, OSV) are asked by.
    """
    parts = [
        {
            "type": "library",
            "name": package.name,
            "version": package.version,
            "purl": f"pkg:deb/debian/{package.name}@{package.version}?arch={package.architecture}&distro=debian-13",
            "properties": [
                {"name": "debian:source", "value": package.source},
                {"name": "debian:source-version", "value": package.source_version},
            ],
        }
        for package in packages_of((build.root / "var/lib/dpkg/status").read_text())
    ] + [
        {
            "type": "library",
            "name": wheel.name,
            "version": wheel.version,
            "purl": f"pkg:pypi/{wheel.name}@{wheel.version}",
            "hashes": [{"alg": "SHA-256", "content": wheel.sha256}],
        }
        for wheel in wheels
    ]
    made = datetime.fromtimestamp(build.epoch_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    bill = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid5(NAMES, f'{build.name}/{release}')}",
        "version": 1,
        "metadata": {
            "timestamp": made,
            "component": {"type": "operating-system", "name": build.compatible, "version": release},
        },
        "components": parts,
    }
    path.write_bytes(msgspec.json.format(msgspec.json.encode(bill), indent=1) + b"\n")
    return len(parts)
