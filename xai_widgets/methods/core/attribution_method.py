"""The description of an attribution method, written once, where the method is defined."""

from __future__ import annotations

import functools
import inspect
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

from xai_widgets.i18n import message
from xai_widgets.methods.core.flat_maps import warn_of_flat_maps
from xai_widgets.methods.core.recording import recorded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Function = TypeVar("Function", bound="Callable[..., Any]")
Values = Literal["share", "gradient", "pattern", "level"]

FAMILIES: Final = ("gradient", "relevance", "perturbation", "activation")
"""How a method works, by the slide's kinds of approaches; lists show the families in this order."""

KINDS: Final = ("picture", "sequence", "row", "text")
"""What a method may explain."""

NEEDS: Final = ("gradients", "convolutions", "retraining", "background")
"""What a method may ask for: `background` is a data set to compare with."""

REPEATS: Final = ("samples", "steps", "positions", "maps")
"""What the passes of a method may be multiplied with: an option of that name, or what the inputs and model decide."""

FEW_PASSES: Final = 3
LAST: Final = 1000  # the place in its family of a method that names none


@dataclass(frozen=True)
class Paper:
    """Where a method is described.

    Attributes
    ----------
    authors : str
    year : int
    title : str
    doi, arxiv : str, optional
        Its DOI, or its number on arXiv.

    Examples
    --------
    >>> print(Paper("Zhou et al.", 2016, "Learning deep features for discriminative localization", arxiv="1512.04150"))
    Zhou et al. (2016), Learning deep features for discriminative localization
    """

    authors: str
    year: int
    title: str
    doi: str | None = None
    arxiv: str | None = None

    def __str__(self) -> str:
        """Name authors, year and title."""
        return f"{self.authors} ({self.year}), {self.title}"

    @property
    def identifier(self) -> str:
        """The DOI, or else the number on arXiv; empty without either."""
        return f"doi:{self.doi}" if self.doi else f"arXiv:{self.arxiv}" if self.arxiv else ""


@dataclass(frozen=True)
class Cost:
    """What one input costs, in passes through the network.

    Attributes
    ----------
    forward, backward : int
        Passes each way.
    per : {"samples", "steps", "positions", "maps"}, optional
        What they are multiplied with; they are all there are if left out.
    head_only : bool
        Whether the way back ends at a layer: it goes through the head of the network alone.
    """

    forward: int
    backward: int = 0
    per: str | None = None
    head_only: bool = False

    def passes(self, count: float = math.inf) -> float:
        """Return how many passes there are.

        Parameters
        ----------
        count : float
            How many samples, steps, positions or maps; not used where the passes are not multiplied.

        Examples
        --------
        >>> Cost(1, 1).passes(), Cost(1, 1, per="steps").passes(50), Cost(1, per="positions").passes()
        (2.0, 100.0, inf)
        """
        return float((self.forward + self.backward) * (1 if self.per is None else count))

    def in_words(self, language: str | None = None) -> str:
        """Return the cost as the table of methods writes it.

        Examples
        --------
        >>> Cost(1, 1, per="samples").in_words("en")
        '1 forward, 1 backward per sample'
        """
        back = "backward_of_the_head" if self.head_only else "backward"
        counts = ("forward", self.forward), (back, self.backward)
        words = ", ".join(message(f"methods.{key}", language, count=count) for key, count in counts if count)
        return words if self.per is None else message(f"methods.per_{self.per}", language, passes=words)


@dataclass(frozen=True)
class Method:
    """One attribution method, by the questions of the slides.

    Attributes
    ----------
    name : str
    family : str
        One of `FAMILIES`, or a new one that has its word in the catalogue of the chooser.
    explains : tuple of str
        What it takes, of `KINDS`.
    needs : tuple of str
        What it asks for, of `NEEDS`.
    cost : Cost
        For one input.
    grain : {"fine", "coarse"}
        Pixels, or regions.
    values : {"share", "gradient", "pattern", "level"}
        How its values are read. A share of the score has a sign: for the target, or against it. A gradient is per unit
        of the input; the papers draw its magnitude, largest over the channels. A pattern is drawn so too, and is no
        gradient. Of a level only the differences between places count.
    negative_side : bool
        Whether an option ``negative`` shows what speaks against the target instead.
    network_only : bool
        Whether it needs a network; the others take whatever answers for rows or texts.
    reference : Paper
    quick : mapping
        Options that are enough to see what a map looks like.
    background : str, optional
        The option that takes a data set to compare with.
    order : int
        Its place in its family, for lists.
    function : callable
    """

    name: str
    family: str
    explains: tuple[str, ...]
    needs: tuple[str, ...]
    cost: Cost
    grain: str
    values: Values
    negative_side: bool
    network_only: bool
    reference: Paper
    quick: Mapping[str, Any]
    background: str | None
    order: int
    function: Callable[..., Any] = field(repr=False)

    @property
    def needs_gradients(self) -> bool:
        """Whether it differentiates the model."""
        return "gradients" in self.needs

    @property
    def needs_convolutions(self) -> bool:
        """Whether it takes maps of a convolutional network."""
        return "convolutions" in self.needs

    @property
    def needs_retraining(self) -> bool:
        """Whether most networks would have to be changed and trained again."""
        return "retraining" in self.needs

    @property
    def passes(self) -> str:
        """The cost of one input in English words."""
        return self.cost.in_words("en")

    @property
    def few_passes(self) -> bool:
        """Whether it is done with a few passes, as it is called without options: one to three.

        Examples
        --------
        >>> from xai_widgets.methods.registry import METHODS
        >>> METHODS["grad_cam"].few_passes, METHODS["rise"].few_passes
        (True, False)
        """
        count = self.options.get(self.cost.per or "")
        return self.cost.passes(count if isinstance(count, int) else math.inf) <= FEW_PASSES

    @property
    def paper(self) -> str:
        """Who described it, when, under which title."""
        return str(self.reference)

    @property
    def identifier(self) -> str:
        """The paper's DOI, or else its number on arXiv."""
        return self.reference.identifier

    @property
    def signed(self) -> bool:
        """Whether the sign of its values says what is for the target and what is against it."""
        return self.values == "share"

    @property
    def drawn_by_magnitude(self) -> bool:
        """Whether its values are drawn by their magnitude, largest over the channels, instead of being summed."""
        return self.values in ("gradient", "pattern")

    @property
    def options(self) -> dict[str, Any]:
        """Its keyword options with their defaults; ``inspect.Parameter.empty`` where one must be given."""
        parameters = inspect.signature(self.function).parameters.values()
        return {one.name: one.default for one in parameters if one.kind is one.KEYWORD_ONLY}


METHODS: dict[str, Method] = {}
"""All methods that are described, by name: families in their order, and in each by the methods' own."""

FUNCTIONS: dict[str, Callable[..., Any]] = {}
"""The functions of these methods, by name."""


def attribution_method(
    *,
    family: str,
    paper: Paper,
    forward: int,
    backward: int = 0,
    per: str | None = None,
    head_only: bool = False,
    explains: Sequence[str] = ("picture",),
    needs: Sequence[str] = (),
    grain: str = "fine",
    values: Values = "share",
    negative_side: bool = False,
    network_only: bool = True,
    quick: Mapping[str, Any] | None = None,
    background: str | None = None,
    order: int = LAST,
) -> Callable[[Function], Function]:
    """Decorate the function of an attribution method: `explain`, the labs and all tables then know it by its name.

    The recipes of its results become complete, see `recorded`, and a map that is the same everywhere is warned of.

    Parameters
    ----------
    family : str
        How it works: one of `FAMILIES`, or a new one that has its word in the catalogue of the chooser.
    paper : Paper
        Where it is described.
    forward, backward : int
        Passes through the network each way, for one input.
    per : {"samples", "steps", "positions", "maps"}, optional
        What the passes are multiplied with; they are all there are if left out.
    head_only : bool
        Whether the way back ends at a layer: it goes through the head of the network alone.
    explains : sequence of str
        What it takes, of `KINDS`.
    needs : sequence of str
        What it asks for, of `NEEDS`.
    grain : {"fine", "coarse"}
        Whether its maps are of pixels or of regions.
    values : {"share", "gradient", "pattern", "level"}
        How its values are read: signed shares of the score, gradients, patterns that are drawn by their magnitude, or
        levels of which only the differences count.
    negative_side : bool
        Whether it has an option ``negative`` that shows what speaks against the target.
    network_only : bool
        Whether it needs a network; the others take whatever answers for rows or texts.
    quick : mapping, optional
        Options that are enough to see what a map looks like.
    background : str, optional
        The option that takes a data set to compare with; it is then one of the needs.
    order : int
        Its place in its family, for lists.

    Returns
    -------
    callable
        The decorator. The function takes ``(model, inputs, target=None, *, ...)`` and returns a result with a recipe.

    Raises
    ------
    ValueError
        If a word of the description is unknown, or another function has the name.

    Examples
    --------
    >>> from xai_widgets.methods.registry import METHODS
    >>> METHODS["saliency"].family, METHODS["saliency"].cost
    ('gradient', Cost(forward=1, backward=1, per=None, head_only=False))
    """
    asked = (*needs, *(("background",) if background else ()))
    _check(explains, KINDS, "explains")
    _check(asked, NEEDS, "needs")
    _check([per] if per else [], REPEATS, "per")
    _check([grain], ("fine", "coarse"), "grain")
    _check([values], ("share", "gradient", "pattern", "level"), "values")

    def decorate(function: Function) -> Function:
        _check_name(function)
        made = recorded(function, functools.partial(warn_of_flat_maps, family=family))
        method = Method(
            name=made.__name__,
            family=family,
            explains=tuple(explains),
            needs=asked,
            cost=Cost(forward, backward, per, head_only),
            grain=grain,
            values=values,
            negative_side=negative_side,
            network_only=network_only,
            reference=paper,
            quick=dict(quick or {}),
            background=background,
            order=order,
            function=made,
        )
        _register(method)
        return made

    return decorate


def _check(words: Sequence[str], known: Sequence[str], what: str) -> None:
    unknown = [word for word in words if word not in known]
    if unknown:
        raise ValueError(f"{what} must be of {', '.join(map(repr, known))}, not {', '.join(map(repr, unknown))}")


def _check_name(function: Callable[..., Any]) -> None:
    """Refuse a name that another module has taken; a module or a cell that is run again may replace its own."""
    taken = METHODS.get(function.__name__)
    if taken is not None and taken.function.__module__ != function.__module__:
        raise ValueError(f"the method {taken.name!r} is already in {taken.function.__module__}; choose another name")


def _register(method: Method) -> None:
    """Put a method in its place."""
    ordered = sorted([*(one for one in METHODS.values() if one.name != method.name), method], key=_place)
    METHODS.clear()
    METHODS.update({one.name: one for one in ordered})
    FUNCTIONS.clear()
    FUNCTIONS.update({one.name: one.function for one in ordered})


def _place(method: Method) -> tuple[int, int, int, str]:
    known = FAMILIES.index(method.family) if method.family in FAMILIES else len(FAMILIES)
    return known, method.order, method.reference.year, method.name
