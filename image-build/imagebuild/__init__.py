"""Builds the image of an appliance, on a Debian machine, as root: no loop devices, and no network beyond packages."""
