"""SEG-Y files: where records lie, what fields mean, samples, headers, the file written back."""
