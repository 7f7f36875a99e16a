"""Network dissection: what single units stand for, found by comparing where they answer with where concepts are.

`dissect` measures; `ArrayConcepts`, `CreatureConcepts` and `BrodenConcepts` are sets of pictures with masks.
"""

from __future__ import annotations

from xai_widgets.methods.dissection.broden import BrodenConcepts
from xai_widgets.methods.dissection.concept_pictures import ArrayConcepts, ConceptBatch, ConceptSet
from xai_widgets.methods.dissection.creature_concepts import CreatureConcepts
from xai_widgets.methods.dissection.dissect import dissect, unit_regions
from xai_widgets.methods.dissection.quantile_sketch import QuantileSketch

__all__ = [
    "ArrayConcepts",
    "BrodenConcepts",
    "ConceptBatch",
    "ConceptSet",
    "CreatureConcepts",
    "QuantileSketch",
    "dissect",
    "unit_regions",
]
