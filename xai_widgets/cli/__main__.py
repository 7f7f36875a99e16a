"""``python -m xai_widgets.cli`` is the command ``xai-widgets``."""

import sys

from xai_widgets.cli import main

if __name__ == "__main__":
    sys.exit(main())
