"""The settings of every command, one frozen class each, and how they are read."""
