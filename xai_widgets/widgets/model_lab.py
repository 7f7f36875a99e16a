"""What labs on a model share: the model itself."""

from __future__ import annotations

from typing import Any

import traitlets

from xai_widgets.models.classifier import Classifier
from xai_widgets.models.zoo import load_model
from xai_widgets.widgets.lab import Lab


class ModelLab(Lab):
    """The base of labs on a model."""

    model = traitlets.Any(None, allow_none=True)
    """What the lab is about; always a `Classifier` once set."""

    @traitlets.validate("model")
    def _as_classifier(self, proposal: dict[str, Any]) -> Classifier:
        value = proposal["value"]
        return load_model(value) if isinstance(value, str) else Classifier.wrap(value)
