"""Machines: clusters and the files that describe deployments."""
