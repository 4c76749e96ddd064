"""The kiosk at the entrance: checks citizens in and gives them their tickets."""
