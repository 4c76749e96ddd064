"""The display's behaviour without a screen or a voice."""
