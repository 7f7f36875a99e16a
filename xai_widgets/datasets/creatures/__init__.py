"""Creatures: drawn animals with exact masks of their parts, for the evaluation of explanations.

Every picture comes with the mask of each part and with its scene, from which it can be drawn again with one part
removed, replaced or recoloured: what that does to a model's score is the true importance of the part.

In the spirit of FunnyBirds (R. Hesse, S. Schaub-Meyer, S. Roth, FunnyBirds: A Synthetic Vision Dataset for a Part-Based
Analysis of Explainable AI Methods, ICCV 2023); the animals and the code are our own.

Examples
--------
>>> scene = sample_scene(5, classes=["cat"])
>>> drawing = draw(scene)
>>> drawing.picture.shape
(96, 96, 3)
>>> earless = draw(scene.without(0, "ears"))
>>> bool(earless.masks[0, "ears"].any())
False
"""

from xai_widgets.datasets.creatures.batches import Batch, sample_batch
from xai_widgets.datasets.creatures.classes import CARRIES, CLASSES, LABELS, PARTS, VARIANTS, SceneError, classes_with
from xai_widgets.datasets.creatures.drawing import Drawing, draw
from xai_widgets.datasets.creatures.ingredients import (
    BACKGROUNDS,
    MOUTHS,
    OCCLUDERS,
    POSES,
    Animal,
    Background,
    Light,
    Occluder,
    Part,
)
from xai_widgets.datasets.creatures.sampling import sample_scene
from xai_widgets.datasets.creatures.scene import Scene
from xai_widgets.datasets.creatures.tag import Tagged, plant_tag

__all__ = [
    "BACKGROUNDS",
    "CARRIES",
    "CLASSES",
    "LABELS",
    "MOUTHS",
    "OCCLUDERS",
    "PARTS",
    "POSES",
    "VARIANTS",
    "Animal",
    "Background",
    "Batch",
    "Drawing",
    "Light",
    "Occluder",
    "Part",
    "Scene",
    "SceneError",
    "Tagged",
    "classes_with",
    "draw",
    "plant_tag",
    "sample_batch",
    "sample_scene",
]
