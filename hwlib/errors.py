"""What goes wrong with devices. Raised inside a driver; at its edge these become results."""


class HardwareError(Exception):
    """Base of all."""


class DeviceGone(HardwareError):
    """The device is not there, or went away."""


class PermissionDenied(HardwareError):
    """The device is there, and this user may not open it; the message names the rule that lacks."""


class ProfileError(HardwareError):
    """A printer profile is missing or wrong."""
