"""One module per group of commands: parse and call."""
