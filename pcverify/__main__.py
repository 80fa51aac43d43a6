"""`python -m pcverify`: the command line."""

import sys

from pcverify.cli import main

sys.exit(main())
