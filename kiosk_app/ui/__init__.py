"""The kiosk's screen: what the core says, shown."""
