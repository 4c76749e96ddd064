"""The units under systemd itself: an office on one machine, restarted, hung, killed, reloaded and stopped. As root.

A machine of its own in all but the kernel: its systemd is the first process of a PID namespace, its root is this one's
under an overlay in memory. The panel is Qt's own memory; devices are absent. `python -m tests.systemd.booted`.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from hwlib.sim.control import command
from office_hub.web.clerks import hash_pin

ROOT = Path(__file__).parents[2]
DEBIANS_PYTHON = "/usr/bin/python3"
PROGRAMS = {
    "kiosk-app": "kiosk_app",
    "display-app": "display_app",
    "mqtt-bridge": "mqtt_bridge",
    "office-hub": "office_hub",
}
UNITS = ("antesala-broker", "office-hub", "mqtt-bridge@kiosk", "kiosk", "mqtt-bridge@display", "display")
MASKED = (
    "antesala-screen",
    "seatd",
    "systemd-udevd",
    "systemd-udev-trigger",
    "systemd-logind",
    "systemd-networkd",
    "systemd-resolved",
    "systemd-remount-fs",
    "systemd-firstboot",
    "systemd-modules-load",
    "systemd-binfmt",
)
RESTART_S = 3.0
WATCHDOG_S = 20
DEVICES = {"kiosk": "k1", "display": "s1"}
APPS = {
    "kiosk": 'printer = "usblp:///dev/usb/lp0"\nscanner = "serial:///dev/ttyACM0"\n',
    "display": 'speech_cache = "{state}/speech"\n',
}


class Machine:
    """A booted system. `root` is where its files are seen from here."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.root = folder, folder / "root"
        self._init: subprocess.Popen[bytes] | None = None

    def boot(self) -> None:
        """Until its default target is reached."""
        _run("mount", "-t", "tmpfs", "tmpfs", str(self.folder))
        for name in ("up", "work", "root"):
            (self.folder / name).mkdir()
        layers = f"lowerdir=/,upperdir={self.folder}/up,workdir={self.folder}/work"
        _run("mount", "-t", "overlay", "overlay", "-o", layers, str(self.root))
        self._install()
        self._configure()
        mounts = " && ".join(
            [
                "mount --make-rprivate /",
                f"mount -t proc proc {self.root}/proc",
                *(f"mount -t tmpfs tmpfs {self.root}/{name}" for name in ("run", "tmp")),
                *(f"mount --rbind /{name} {self.root}/{name}" for name in ("sys", "dev")),
            ]
        )
        start = f"exec env -i container=lxc PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot {self.root} /lib/systemd/systemd"
        words = ["unshare", "--pid", "--mount", "--fork", "--uts", "--ipc", "--kill-child"]
        log = (self.folder / "systemd.log").open("wb")
        self._init = subprocess.Popen(
            [*words, "sh", "-c", f"{mounts} && {start}"], stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        wait(
            lambda: self.run("systemctl", "is-system-running", ok=False).strip() in ("running", "degraded"), "the boot"
        )

    def end(self) -> None:
        if self._init is not None:
            self._init.kill()
            self._init.wait()
        for path in (self.root, self.folder):
            subprocess.run(["umount", "-l", str(path)], check=False)

    def run(self, *words: str, ok: bool = True, user: str = "") -> str:
        """A command in there; what it says."""
        init = int(Path(f"/proc/{self._pid}/task/{self._pid}/children").read_text().split()[0])
        group = "antesala-hub" if user == "antesala-hub" else "antesala"
        whose = ["setpriv", "--reuid", user, "--regid", group, "--init-groups"] if user else []
        enter = ["nsenter", "-t", str(init), "-m", "-p", "-u", "-i", "-r", "-w"]
        return _run(*enter, *whose, *words, ok=ok)

    @property
    def _pid(self) -> int:
        assert self._init is not None, "boot comes first"
        return self._init.pid

    def show(self, unit: str, name: str) -> str:
        """A property of a unit."""
        return self.run("systemctl", "show", "-p", name, "--value", unit).strip()

    def host_pid(self, unit: str) -> int:
        """The main process, as it is numbered outside."""
        inside = self.show(unit, "MainPID")
        for status in Path("/proc").glob("[0-9]*/status"):
            with contextlib.suppress(OSError):
                numbers = re.search(r"^NSpid:\t(.*)$", status.read_text(), re.MULTILINE)
                if numbers and numbers[1].split()[1:] == [inside]:
                    return int(numbers[1].split()[0])
        raise AssertionError(f"{unit} has no process")

    def _install(self) -> None:
        """Our programs into /opt/antesala, as an image has them, and our units."""
        home = self.root / "opt" / "antesala"
        _run(DEBIANS_PYTHON, "-m", "venv", "--without-pip", str(home))
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        packages = home / "lib" / version / "site-packages"
        if not packages.is_dir():
            raise SystemExit(f"{DEBIANS_PYTHON} is not {version}: make setup with PYTHON={DEBIANS_PYTHON}")
        for package in Path(sysconfig.get_path("purelib")).iterdir():
            if package.suffix != ".pth" and package.name != "__pycache__":
                _copy(package, packages / package.name)
        for name in (*PROGRAMS.values(), "officelib", "hwlib", "assets", "printer_profiles"):
            _copy(ROOT / name, packages / name)
        for program, module in PROGRAMS.items():
            script = home / "bin" / program
            script.write_text(
                f"#!/opt/antesala/bin/python3\nimport sys\nfrom {module}.__main__ import main\nsys.exit(main())\n"
            )
            script.chmod(0o755)
        for role in ("kiosk", "display", "hub"):
            _run("env", f"DESTDIR={self.root}", str(ROOT / "systemd" / "install.sh"), role)
        units = self.root / "etc" / "systemd" / "system"
        for folder in units.glob("*.wants"):
            for link in folder.iterdir():
                if not link.name.startswith("antesala"):
                    link.unlink()
        for name in MASKED:
            unit = units / f"{name}.service"
            unit.unlink(missing_ok=True)
            unit.symlink_to("/dev/null")
        for app in APPS:
            (units / f"{app}.service.d").mkdir()
            (units / f"{app}.service.d" / "here.conf").write_text("[Service]\nEnvironment=QT_QPA_PLATFORM=offscreen\n")
        default = units / "default.target"
        default.unlink(missing_ok=True)
        default.symlink_to("/usr/lib/systemd/system/multi-user.target")

    def _configure(self) -> None:
        etc, hub = self.root / "etc" / "antesala", Path("/var/lib/antesala/hub")
        (etc / "office").mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "assets" / "demo" / "office.toml", etc / "office")
        clerk = f'[[clerk]]\nid = "ana"\nname = "Ana"\npin_hash = "{hash_pin("2580")}"\n'
        (etc / "office" / "clerks.toml").write_text(clerk)
        (etc / "office-hub.toml").write_text(
            f'catalogue = "office/office.toml"\nclerks = "office/clerks.toml"\ndatabase = "{hub}/office.db"\n'
            f'bookings_inbox = "{hub}/inbox"\nbroker = "{hub}/broker"\n'
        )
        for app, more in APPS.items():
            state, socket = f"/var/lib/antesala/{app}", f"/run/antesala/{app}/bridge.sock"
            common = f'identity = "{state}/identity"\njournal = "{state}/journal.db"\n'
            (etc / f"mqtt-bridge-{app}.toml").write_text(f'{common}socket = "{socket}"\n')
            (etc / f"{app}-app.toml").write_text(
                f'{common}bridge_socket = "{socket}"\nsound = "folder"\nsound_folder = "{state}/said"\n'
                f'control_socket = "{state}/control"\n{more.format(state=state)}'
            )


def _copy(source: Path, to: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, to, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, to)


def _run(*words: str, ok: bool = True) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)
    if ok and done.returncode:
        raise AssertionError(f"{' '.join(words[:12])}: {done.stdout}{done.stderr}")
    return done.stdout


def wait(condition: Callable[[], object], what: str, limit_s: float = 60.0) -> float:
    """Until it holds; returns how long that took."""
    began_s = time.monotonic()
    while time.monotonic() - began_s < limit_s:
        with contextlib.suppress(OSError, IndexError, RuntimeError, AssertionError):
            if condition():
                return time.monotonic() - began_s
        time.sleep(0.05)
    raise AssertionError(f"waited {limit_s:.0f} s for {what}")


def open_office(machine: Machine) -> None:
    """What a technician does once: the broker's keys, and each device's way in."""
    hub = "antesala-hub"
    machine.run("/opt/antesala/bin/office-hub", "broker", "--listen", "127.0.0.1", user=hub)
    machine.run("systemctl", "restart", "antesala-broker", "office-hub")
    for app, device in DEVICES.items():
        token = machine.run("/opt/antesala/bin/office-hub", "enrol", device, user=hub).strip().splitlines()[-1]
        config = f"/etc/antesala/mqtt-bridge-{app}.toml"
        machine.run("/opt/antesala/bin/mqtt-bridge", "enrol", "--config", config, token, user=f"antesala-{app}")
    for unit in UNITS:
        wait(lambda unit=unit: machine.show(unit, "ActiveState") == "active", unit)  # type: ignore[misc]


def screen(machine: Machine, app: str = "kiosk") -> str:
    """What an app shows."""
    return str(command(machine.root / f"var/lib/antesala/{app}/control", look=True)["screen"])


def prove(machine: Machine) -> None:
    """What IT does to an appliance, and what happens to it."""
    for unit in UNITS:
        seconds = wait_restart(machine, unit)
        say(f"systemctl restart {unit:<20} ready after {seconds:.2f} s")
        assert seconds < RESTART_S, f"{unit}: {seconds:.2f} s"
    wait(lambda: screen(machine) == "attract", "the first page")
    for app in APPS:
        network = Path(f"/proc/{machine.host_pid(app)}/net/dev").read_text().splitlines()[2:]
        assert [line.split(":")[0].strip() for line in network] == ["lo"], f"{app} has a network: {network}"
        assert "NoNewPrivs:\t1" in Path(f"/proc/{machine.host_pid(app)}/status").read_text()
    say("kiosk and display have no network but a loopback that is down, and no way to more rights")

    for unit in ("kiosk", "mqtt-bridge@kiosk", "office-hub"):
        before = machine.show(unit, "MainPID")
        os.kill(machine.host_pid(unit), signal.SIGKILL)
        seconds = wait(
            lambda unit=unit, before=before: (
                machine.show(unit, "MainPID") not in (before, "0")  # type: ignore[misc]
                and machine.show(unit, "ActiveState") == "active"
            ),
            f"{unit} to come back",
        )
        say(f"SIGKILL of {unit:<20} ready again after {seconds:.2f} s")

    os.kill(machine.host_pid("kiosk"), signal.SIGSTOP)
    stopped = machine.show("kiosk", "NRestarts")
    seconds = wait(
        lambda: machine.show("kiosk", "NRestarts") != stopped and machine.show("kiosk", "ActiveState") == "active",
        "the watchdog",
        WATCHDOG_S * 3,
    )
    say(f"a kiosk that hangs                ready again after {seconds:.1f} s; the watchdog waits {WATCHDOG_S} s")

    main_pid = machine.show("kiosk", "MainPID")
    machine.run("systemctl", "reload", "kiosk")
    time.sleep(3)
    assert (machine.show("kiosk", "MainPID"), machine.show("kiosk", "ActiveState")) == (main_pid, "active")
    wait(lambda: screen(machine) == "attract", "the first page")
    config = machine.root / "etc/antesala/kiosk-app.toml"
    right = config.read_text()
    config.write_text(right + 'langage = "es"\n')
    assert "language" in machine.run("sh", "-c", "systemctl reload kiosk || journalctl -u kiosk -n 5 -o cat")
    assert machine.show("kiosk", "MainPID") == main_pid
    assert machine.show("kiosk", "ActiveState") == "active"
    config.write_text(right)
    say("reload: the same process begins anew; a wrong configuration is refused and the old one stays")

    machine.run("systemctl", "stop", "kiosk")
    assert machine.show("kiosk", "Result") == "success"
    machine.run("systemctl", "start", "kiosk")
    status = ("/opt/antesala/bin/python3", "-m", "mqtt_bridge.status", "status")
    wait(lambda: machine.run(*status, ok=False).count("the office's hub answers") == len(DEVICES), "the hub to answer")
    say(machine.run(*status, ok=False))


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def wait_restart(machine: Machine, unit: str) -> float:
    """`systemctl restart` returns when the unit says that it is ready."""
    began_s = time.monotonic()
    machine.run("systemctl", "restart", unit)
    return time.monotonic() - began_s


def main() -> int:
    """Boot, prove, end."""
    if os.geteuid() != 0:
        sys.stderr.write("booted: only root can give systemd a machine of its own\n")
        return 2
    folder = Path(tempfile.mkdtemp(prefix="antesala-booted-"))
    machine = Machine(folder)
    try:
        machine.boot()
        open_office(machine)
        prove(machine)
    finally:
        machine.end()
        folder.rmdir()
    say("booted: all held")
    return 0


if __name__ == "__main__":
    sys.exit(main())
