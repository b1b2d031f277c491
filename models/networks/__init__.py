"""Networks in Keras: architecture, losses, training, weights."""
