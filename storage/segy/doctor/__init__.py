"""Judgements of a SEG-Y file: one module a concern, each from arrays and numbers to findings."""
