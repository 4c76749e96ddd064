"""Drives devices: printers, scanners, speakers, screens. Knows nothing of queues."""
