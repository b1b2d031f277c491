"""Upper bound of the objective that holds for wells at any positions whatever."""
