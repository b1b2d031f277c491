"""The synthetic earth: layers, folds, faults, wavelet, noise; from a seed to an example."""
