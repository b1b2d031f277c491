"""One conversion by MDIO, as a process: ``python -P mdio_conversion.py ingest|export FROM TO``.

Runs in MDIO's own environment, by the calls of its documentation; its command line fails in 1.2.3.
Without -P the folder of this file would come first on the path, and its ``segy.py`` before the library
of that name.
"""

import sys

HEADER_BYTES = {"inline": 189, "crossline": 193, "cdp_x": 181, "cdp_y": 185}


def main(direction: str, source: str, target: str) -> None:
    """Convert; MDIO__IMPORT__SAVE_SEGY_FILE_HEADER decides whether the file header is kept."""
    from segy.schema import HeaderField  # type: ignore[import-not-found]
    from segy.standards import get_segy_standard  # type: ignore[import-not-found]

    fields = [
        HeaderField(name=name, byte=byte, format="int32") for name, byte in HEADER_BYTES.items()
    ]
    standard = get_segy_standard(1.0).customize(trace_header_fields=fields)
    if direction == "ingest":
        from mdio import segy_to_mdio  # type: ignore[import-not-found]
        from mdio.builder.template_registry import (  # type: ignore[import-not-found]
            get_template,
        )

        segy_to_mdio(standard, get_template("PostStack3DTime"), source, target, overwrite=True)
    else:
        from mdio import mdio_to_segy

        mdio_to_segy(standard, source, target)


if __name__ == "__main__":
    main(*sys.argv[1:])
