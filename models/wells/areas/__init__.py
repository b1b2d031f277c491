"""Polygons on a map: leases, and areas where nobody may drill."""
