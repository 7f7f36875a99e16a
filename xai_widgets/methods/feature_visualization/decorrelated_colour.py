"""Colours whose channels vary independently, as they do not in photographs: there red, green and blue go together."""

from __future__ import annotations

import numpy as np

# Columns: the principal directions of the colours of photographs, each as long as their standard deviation along it
# (light against dark, blue against orange, green against magenta). Measured on every twelfth picture of Imagenette
# (1,117 photographs), values 0 to 1. The same directions were found in natural images by Ruderman, Cronin and Chiao
# (1998), Statistics of cone responses to natural images.
_SPREAD = np.array(
    [[0.2630, -0.0917, 0.0262], [0.2726, -0.0075, -0.0481], [0.2823, 0.0927, 0.0220]],
    dtype="float32",
)
COLOURS = _SPREAD / np.linalg.norm(_SPREAD, axis=0).max()
"""(3, 3): rows are red, green, blue; columns the independent channels, the first at length 1."""
