"""Ways to run a trained network: one protocol, one module a library."""
