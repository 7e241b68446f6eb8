"""`python -m kerasgen` is `kerasgen`."""

import sys

from kerasgen.cli import main

if __name__ == "__main__":
    sys.exit(main())
