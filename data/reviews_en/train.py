"""Train the net that reads English reviews: ``python -m data.reviews_en.train``, half a minute on two cores.

The same machine and the same versions give the same file, to the bit.
"""

from __future__ import annotations

from data.text_net import main

if __name__ == "__main__":
    main("en", __doc__)
