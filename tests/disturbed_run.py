"""Start a disturbed command as flows starts its own: the environment first, then everything that reads it.

python -m tests.disturbed_run FOLDER COMMAND...
"""

import sys
from pathlib import Path

from flows.settings.environment import prepare_environment

if __name__ == "__main__":
    prepare_environment()
    from tests.disturbed import main

    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
