"""What each well of a plan collects where circles share ground."""
