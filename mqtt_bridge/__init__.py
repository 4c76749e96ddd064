"""The only code that speaks MQTT: topics, messages, the client, and the bridge beside each app."""
