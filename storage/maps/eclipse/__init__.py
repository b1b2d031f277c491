"""Maps from Eclipse files: layers of a property on a grid of columns."""
