"""``python -m sandbox_runner``: the runner alone, without the rest of the product in its memory."""

import sys

from sandbox_runner.main import main

sys.exit(main())
