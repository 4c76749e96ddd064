"""What goes wrong with devices. Raised inside a driver; at its edge these become results."""


class HardwareError(Exception):
    """Base of all."""


class DeviceGone(HardwareError):
    """The device is not there, or went away. `accepted` counts the bytes that it had taken of what was written last."""

    accepted = 0


class DeviceBusy(HardwareError):
    """Another program holds the device."""


class PermissionDenied(HardwareError):
    """The device is there, and this user may not open it; the message names the rule that lacks."""


class ProfileError(HardwareError):
    """A printer profile is missing or wrong."""


class TemplateError(HardwareError):
    """A ticket's template is missing or wrong."""


class EncodeError(HardwareError):
    """A document holds what cannot be put on paper."""
