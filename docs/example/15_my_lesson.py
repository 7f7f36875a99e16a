# ---
# jupyter:
#   course:
#     title:
#       fr: "Ma leçon : une carte tient-elle en peu de pixels ?"
#       en: "My lesson: does a map fit into few pixels?"
#     minutes: 15
#     before: []
#     part: conclude
#     level: 1
#     slides:
#       fr: "(les miennes)"
#       en: "(my own)"
# ---

# %% [markdown] tags=["fr"]
# Un réseau à moi, des images à moi : un disque, un carré. Où regarde-t-il pour dire « square » ? **Pariez** : les bords, les coins, le milieu ?

# %% [markdown] tags=["en"]
# A network of mine, pictures of mine: a disc, a square. Where does it look to say “square”? **Place your bet**: the edges, the corners, the middle?

# %% tags=["cover"]
from pathlib import Path

import numpy as np

from xai_widgets import explain, load_image, load_model
from xai_widgets.course import exercise

# fr: Le dossier de la leçon est à côté de ceux des notebooks.
# en: The folder of the lesson lies beside those of the notebooks.
lesson = next(folder / "lesson" for folder in Path.cwd().parents if (folder / "lesson").is_dir())
network = load_model(lesson / "shapes.keras", labels=["disc", "square"])
square = load_image(lesson / "square.png")
explained = explain(network, square, "grad_cam", "square")
explained

# %% [markdown] tags=["fr"]
# ## Mesurons
#
# ### Exercice 1 : la moitié de la carte
#
# `pixels_for_half(heatmap)` reçoit une carte `(h, w)` sans valeur négative. Combien de pixels suffisent, les plus forts d'abord, pour tenir la moitié de sa somme ?

# %% [markdown] tags=["en"]
# ## Let us measure
#
# ### Exercise 1: half of the map
#
# `pixels_for_half(heatmap)` gets a map `(h, w)` without negative values. How many pixels are enough, the strongest first, to hold half of its sum?


# %% exercise="15.half"
def pixels_for_half(heatmap):
    ### BEGIN SOLUTION
    # fr: Du plus fort au plus faible ; la somme courante atteint la moitié à cette place-là.
    # en: From the strongest to the weakest; the running sum reaches one half at that place.
    strongest_first = np.sort(heatmap, axis=None)[::-1]
    return np.searchsorted(np.cumsum(strongest_first), heatmap.sum() / 2) + 1
    ### END SOLUTION


# %% check="15.half" points=2
exercise("15.half").check(pixels_for_half)

# %%
if exercise("15.half").passed:
    heatmap = explained.heatmap()[0]
    print(f"{pixels_for_half(heatmap)} / {heatmap.size}")

# %% [markdown] tags=["fr"]
# ## Ce qu'il faut retenir
#
# - Une carte qui tient en peu de pixels montre du doigt ; une carte étalée ne montre rien.

# %% [markdown] tags=["en"]
# ## What to remember
#
# - A map that fits into few pixels points a finger; a map that is spread out points at nothing.
