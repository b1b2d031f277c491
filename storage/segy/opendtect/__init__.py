"""A SEG-Y file as OpendTect sees it, by the rules of its reader and of its import wizard."""
