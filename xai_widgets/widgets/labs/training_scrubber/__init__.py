"""`TrainingScrubber`."""

from __future__ import annotations

from typing import Any

from xai_widgets.widgets.base.lab_registry import LabEntry


def _recorded(watched: int, shown: int, **options: Any) -> dict[str, Any]:
    """Return the shipped training of the creatures model, recorded on some pictures."""
    from xai_widgets.datasets.creatures import sample_batch
    from xai_widgets.methods.units.training_recorder import record_history
    from xai_widgets.models.zoo.loading import load_model
    from xai_widgets.models.zoo.training_history import load_history

    creatures, pictures = load_model("creatures"), sample_batch(300, seed=5).pictures
    inputs = creatures.preprocess(pictures[:watched])
    return {"record": record_history(load_history(), inputs, inputs[:shown], **options), "model": creatures}


def _example() -> dict[str, Any]:
    return _recorded(40, 6)


def _quick() -> dict[str, Any]:
    return _recorded(2, 1, layers=["conv3_1"], units=4)


LAB = LabEntry(
    __name__,
    "TrainingScrubber",
    area="units",
    notebooks=("12_units",),
    needs=("record",),
    example=_example,
    quick=_quick,
)
