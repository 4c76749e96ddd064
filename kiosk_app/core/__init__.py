"""The kiosk's behaviour without a screen: `step(kiosk, event, now_ms)` gives the next kiosk and what is to be done."""
