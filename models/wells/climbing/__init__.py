"""The climb of one well at a time, compiled."""
