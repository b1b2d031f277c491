"""From fault probability to surfaces: orientation, thinning, segments, sticks."""
