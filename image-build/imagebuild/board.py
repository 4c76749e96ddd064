"""What a board needs, and where the parts of its image lie."""

from dataclasses import dataclass
from pathlib import Path

from officelib.config import key, read_config

HERE = Path(__file__).parents[1]
PROJECT = HERE.parent
MIB = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Board:
    """A kind of machine."""

    architecture: str = key("Debian's name of its processor.", choices=("amd64", "arm64"))
    loader: str = key("What starts one of the two slots.", choices=("systemd-boot", "u-boot"))
    packages: tuple[str, ...] = key(
        "Debian packages that only this board needs: kernel, loader, firmware. NAME/SUITE takes one of another suite."
    )
    wheels: str = key("The processor's name in wheels.", choices=("x86_64", "aarch64"))
    boot_mb: int = key(
        "The FAT partition: the technician's file, kernels of both slots.", unit="MiB", low=128, high=512
    )
    root_mb: int = key("Each of the two slots.", unit="MiB", low=512, high=4096)
    kernel_line: str = key("What the kernel is told besides its root.")


@dataclass(frozen=True)
class Build:
    """One image that is being built.

    Attributes:
        name: The board's, as "pc".
        board: What it needs.
        out: The folder for all that comes of it.
        epoch_s: The time that every file bears, Unix seconds: that of the sources.
        mirror: Where Debian's packages come from.
    """

    name: str
    board: Board
    out: Path
    epoch_s: int
    mirror: str

    @property
    def compatible(self) -> str:
        """What an update must be for."""
        return f"antesala-{self.name}"

    @property
    def root(self) -> Path:
        """The root file system, as a folder."""
        return self.out / "root"

    @property
    def squashfs(self) -> Path:
        """The same as what a slot holds."""
        return self.out / "root.squashfs"

    @property
    def wheels(self) -> Path:
        """The wheel-house."""
        return self.out / "wheels"


def boards() -> list[str]:
    """The names of all boards."""
    return sorted(path.stem for path in (HERE / "boards").glob("*.toml"))


def read_board(name: str) -> Board:
    """A board's facts.

    Raises:
        KnownError: its file is wrong.
    """
    return read_config(Board, HERE / "boards" / f"{name}.toml")


def packages_in(path: Path) -> list[str]:
    """A list of Debian packages, one a line, without what stands after "#"."""
    lines = (line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line]
