"""CBVS, the native volumes of OpendTect: read and written without OpendTect."""
