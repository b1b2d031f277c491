"""Reservoir map files."""
