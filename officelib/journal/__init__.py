"""Durable memory: a device's journal and the hub's log, in SQLite."""
