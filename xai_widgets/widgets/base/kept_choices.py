"""What a reader has chosen in each of several places, such as layers: it comes back with the place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    import traitlets


class KeptChoices:
    """Keeps the values of some traits for each place, since a number means another unit in another layer.

    Parameters
    ----------
    lab : HasTraits
        The lab whose traits they are.
    names : sequence of str
        The traits, such as the unit of a layer.

    Examples
    --------
    >>> import traitlets
    >>> class Lab(traitlets.HasTraits):
    ...     unit = traitlets.Int(0)
    >>> lab = Lab(unit=7)
    >>> kept = KeptChoices(lab, ("unit",))
    >>> kept.leave("conv1")
    >>> kept.of("conv2"), kept.of("conv1")
    ({'unit': 0}, {'unit': 7})
    """

    def __init__(self, lab: traitlets.HasTraits, names: Sequence[str]) -> None:
        self._lab, self._names = lab, tuple(names)
        self._kept: dict[Hashable, dict[str, Any]] = {}

    def leave(self, place: Hashable) -> None:
        """Keep the present values for a place."""
        self._kept[place] = {name: getattr(self._lab, name) for name in self._names}

    def of(self, place: Hashable) -> dict[str, Any]:
        """Return what was chosen in a place, by the names of the traits; their defaults where nothing was."""
        known = self._kept.get(place)
        return {name: self._lab.trait_defaults(name) for name in self._names} if known is None else known

    def forget(self) -> None:
        """Forget all: the places are those of another model."""
        self._kept.clear()
