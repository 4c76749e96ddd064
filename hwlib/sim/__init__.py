"""Simulators: one a device, behind the same interface as the device itself."""
