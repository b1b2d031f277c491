"""OpendTect's project folders: text files, object tables, faults, wells, points, colours."""
