"""Devices that come and go, told by the kernel."""

import os
import queue
import socket

import pytest

from hwlib.hotplug import NETLINK_KOBJECT_UEVENT, Hotplug, Uevent, read_uevent

KERNEL = b"add@/devices/usb1/1-1/usbmisc/lp0\0ACTION=add\0SUBSYSTEM=usbmisc\0DEVNAME=usb/lp0\0SEQNUM=5"


def test_the_kernels_words_are_read() -> None:
    assert read_uevent(KERNEL) == Uevent(
        "add", {"ACTION": "add", "SUBSYSTEM": "usbmisc", "DEVNAME": "usb/lp0", "SEQNUM": "5"}
    )
    udev = b"libudev\0" + bytes.fromhex("feedcafe") + (40).to_bytes(4, "little") + (40).to_bytes(4, "little")
    told = read_uevent(udev.ljust(40, b"\0") + b"ACTION=remove\0SUBSYSTEM=input")
    assert told is not None
    assert told.action == "remove"
    for junk in (b"", b"\0", b"libudev\0", b"add@/x", os.urandom(300)):
        assert read_uevent(junk) is None or junk


def test_a_device_that_comes_is_told() -> None:
    """The kernel of this machine sends its own messages; a raw socket of ours may say the same where it is allowed."""
    told: queue.Queue[Uevent] = queue.Queue()
    hotplug = Hotplug(told.put, frozenset({"usbmisc"}))
    hotplug.start()
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_KOBJECT_UEVENT) as link:
            link.bind((0, 0))
            for _ in range(20):
                try:
                    link.sendto(KERNEL, (0, 2))
                except OSError as error:
                    pytest.skip(f"this machine lets nobody send: {error}")
                try:
                    assert told.get(timeout=0.1).properties["DEVNAME"] == "usb/lp0"
                    return
                except queue.Empty:
                    continue
        pytest.skip("this machine's kernel passes no messages on")
    finally:
        hotplug.stop()
