"""Files and stores: SEG-Y, Zarr, maps, ledgers, records."""
