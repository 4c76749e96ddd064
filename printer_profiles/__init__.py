"""What is known of printers, a TOML file a model; read by hwlib."""
