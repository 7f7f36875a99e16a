"""What labs on a model share: the model itself, and telling the reader's hand on a control from the lab's own."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import traitlets

from xai_widgets.models.classifier import Classifier
from xai_widgets.models.zoo import load_model
from xai_widgets.widgets.lab import Lab

if TYPE_CHECKING:
    from collections.abc import Iterator


class ModelLab(Lab):
    """The base of labs on a model."""

    model = traitlets.Any(None, allow_none=True)
    """What the lab is about; always a `Classifier` once set."""

    _painting = False  # whether it is the lab that moves its controls

    @traitlets.validate("model")
    def _as_classifier(self, proposal: dict[str, Any]) -> Classifier:
        value = proposal["value"]
        return load_model(value) if isinstance(value, str) else Classifier.wrap(value)

    @contextmanager
    def painting(self) -> Iterator[None]:
        """Change controls without taking the change for the reader's."""
        before, self._painting = self._painting, True
        try:
            yield
        finally:
            self._painting = before

    def take(self, name: str, value: Any) -> None:
        """Take what a control says, unless it was the lab that moved it."""
        if not self._painting and value is not None:
            setattr(self, name, value)
