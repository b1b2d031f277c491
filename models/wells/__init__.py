"""Wells on a map: objective, gradient, greedy, polish, constraints."""
