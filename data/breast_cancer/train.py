"""Train the net of the table "breast_cancer": ``python -m data.breast_cancer.train``, a minute on two cores.

The same machine and the same versions give the same file, to the bit.
"""

from __future__ import annotations

from data.tabular_net import main

if __name__ == "__main__":
    main("breast_cancer", epochs=40, description=__doc__)
