"""Train the net that reads French reviews: ``python -m data.reviews_fr.train``, half a minute on two cores.

The same machine and the same versions give the same file, to the bit.
"""

from __future__ import annotations

from pathlib import Path

from data.text_net import main

if __name__ == "__main__":
    main("fr", Path(__file__).parent, __doc__)
