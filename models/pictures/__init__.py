"""Pictures of sections: from pixels to amplitudes, and from probabilities to what is drawn."""
