"""Which samples lie on one surface."""
