"""What is known of printers: a TOML file a model, by maker. Read through `hwlib.printer.profile`."""
