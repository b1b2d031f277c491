"""What happens in which order, and what people touch: flows, settings, the command line, reports."""
