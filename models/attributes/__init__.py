"""Classical attributes of discontinuity: what a network has to beat."""
