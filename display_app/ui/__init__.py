"""The display's screen: what the core says, shown."""
