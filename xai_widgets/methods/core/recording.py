"""Complete recipes: the arguments of a call, written into the recipe of its result, so that it can be made again."""

from __future__ import annotations

import dataclasses
import functools
import importlib
import inspect
import pkgutil
from typing import TYPE_CHECKING, Any, TypeVar, cast

import keras
import numpy as np

from xai_widgets.common.checked_options import Options
from xai_widgets.common.renamed_options import with_new_names
from xai_widgets.methods.core.streaming import Anytime
from xai_widgets.models.graph.compiled_functions import store_of
from xai_widgets.models.kinds.classifier import Classifier
from xai_widgets.models.kinds.wrapping import keras_model_of, wrap
from xai_widgets.models.text.string_input_model import takes_strings
from xai_widgets.results.described import Described
from xai_widgets.results.recipe import NotKept, Recipe, fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from xai_widgets.methods.core.streaming import Estimate

Function = TypeVar("Function", bound="Callable[..., Any]")

RECORDED: dict[str, Callable[..., Any]] = {}
"""The functions whose results have complete recipes, by name."""

_UNRECORDED = frozenset({"progress", "watch"})  # they report, and bear on no value
_RESOLVED = frozenset({"layer", "baseline", "incremental"})  # left out, they are chosen: the recipe says which
_LARGEST = 2**20  # numbers of an array that a recipe keeps; a larger one is named by its fingerprint
_ASKED = frozenset({"target", "method", "methods", "objective", "layer", "unit"})  # positional, and no inputs
_SHORT = (str, int, float)
_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def recorded(function: Function, look: Callable[[Any], object] = lambda _result: None) -> Function:
    """Decorate a function, so that the recipe of its result holds every option that bears on the values.

    What it is called with is checked against its signature, as `checked_options` does it.

    The options are read from the signature: keyword-only parameters, positional ones with a default, and those that say
    what is asked, such as the target. Defaults are filled in; a seed of None is drawn here, so that it can be written
    down. What the function chooses itself where nothing was said, such as a layer, is taken from the recipe that it
    made.

    Parameters
    ----------
    function : callable
        Gives a frozen dataclass with a field ``recipe``, several of them nested, or an `Estimate` of one. Where the
        field is None, the recipe is made here.
    look : callable
        Gets each result that is complete, to look at it; those on the way of an estimate are not shown to it.

    Returns
    -------
    callable

    Examples
    --------
    >>> from xai_widgets.methods import saliency
    >>> import xai_widgets as xai
    >>> found = saliency(xai.load_model("digits"), xai.sample_image("digit-3"), "3")
    >>> dict(found.recipe.arguments)
    {'target': '3', 'output': 'logit', 'batch_size': None}
    """
    if isinstance(function, Anytime):
        made: Any = Anytime(_recording(function.begin, look))
    else:
        made = _recording(function, look)
    RECORDED[made.__name__] = made
    return cast("Function", made)


def _recording(function: Callable[..., Any], look: Callable[[Any], object]) -> Callable[..., Any]:
    options = Options(function)
    wanted = options_of(options.signature)

    @functools.wraps(function)
    def call(*args: Any, **given: Any) -> Any:
        given = with_new_names(function, given)
        if given.get("seed", 0) is None and "seed" in options.signature.parameters:
            given["seed"] = int(np.random.SeedSequence().generate_state(1)[0])
        bound = options.bind(args, given)
        bound.apply_defaults()
        found = function(*bound.args, **bound.kwargs)
        call_made = RecordedCall(
            function.__name__, bound, {name: _kept(bound.arguments[name]) for name in wanted}, look
        )
        return _Recorded(found, call_made) if hasattr(found, "advance") else call_made.written(found)

    return call


def options_of(signature: inspect.Signature) -> list[str]:
    """Return the parameters that a recipe writes down; the others are what the reader gives: model, inputs.

    Examples
    --------
    >>> def method(model, inputs, target=None, *, steps=5, progress=None):
    ...     pass
    >>> options_of(inspect.signature(method))
    ['target', 'steps']
    """
    return [
        name
        for name, parameter in signature.parameters.items()
        if name not in _UNRECORDED
        and (parameter.kind not in _POSITIONAL or parameter.default is not parameter.empty or name in _ASKED)
    ]


class _Recorded:
    """An estimate whose results have complete recipes."""

    def __init__(self, estimate: Estimate[Any], call: RecordedCall) -> None:
        self._estimate, self._call = estimate, call
        self.first, self.total = estimate.first, estimate.total

    def __getattr__(self, name: str) -> Any:
        """Look like the estimate in all else."""
        return getattr(self._estimate, name)

    def advance(self, count: int) -> None:
        self._estimate.advance(count)

    def result(self) -> Any:
        return self._call.written(self._estimate.result(), self._estimate)


@dataclasses.dataclass(frozen=True, eq=False)
class RecordedCall:
    """A call of a function, and how it is written into recipes.

    Attributes
    ----------
    function : str
    bound : inspect.BoundArguments
        All arguments, defaults included.
    arguments : mapping
        Those that a recipe keeps.
    look : callable
        Gets each result that is complete.
    """

    function: str
    bound: inspect.BoundArguments
    arguments: Mapping[str, Any]
    look: Callable[[Any], object]

    def written(self, found: Any, estimate: Any = None) -> Any:
        """Return a result, or several that are nested, with the arguments in the recipe.

        Parameters
        ----------
        found : result, or list, tuple or dict of them
        estimate : Estimate, optional
            What gives the result; its own count of samples or steps so far is what was asked for then.
        """
        if isinstance(found, (list, tuple, dict)):
            several = keras.tree.map_structure(self._written, found)
            self.look(several)
            return several
        made = self._written(found)
        if estimate is None or estimate.done >= estimate.total:
            self.look(made)
            return made
        partly = {name: estimate.done for name in ("samples", "steps") if self.arguments.get(name) == estimate.total}
        recipe = dataclasses.replace(made.recipe, arguments={**made.recipe.arguments, **partly})
        return dataclasses.replace(made, recipe=recipe)

    def _written(self, one: Any) -> Any:
        if not dataclasses.is_dataclass(one) or isinstance(one, type) or not hasattr(one, "recipe"):
            return one
        recipe = self._recipe(one) if one.recipe is None else one.recipe
        chosen = {
            name: recipe.options[name]
            for name, value in self.arguments.items()
            if value is None and name in _RESOLVED and recipe.options.get(name) is not None
        }
        outputs = recipe.outputs or _outputs_of(self.bound.arguments.get("model"))
        complete = dataclasses.replace(recipe, arguments={**self.arguments, **chosen}, outputs=outputs)
        return dataclasses.replace(one, recipe=complete)

    def _recipe(self, one: Any) -> Recipe:
        """Return the recipe of a result that has none: what differs from the defaults stands in its one line."""
        first, model = next(iter(self.bound.arguments.items()))
        defaults = {name: one.default for name, one in self.bound.signature.parameters.items()}
        told = {
            name: value
            for name, value in self.arguments.items()
            if isinstance(value, _SHORT) and name != "target" and value != defaults[name]
        }
        name = str(getattr(model, "name", first))
        return Recipe(self.function, name, tuple(getattr(one, "target", ())), getattr(one, "options", told))


def _outputs_of(model: Any) -> str:
    """Return how the outputs of a classifier were read; nothing for others, or where it does not tell its inputs."""
    network = keras_model_of(model)
    if network is None or takes_strings(network):
        return ""

    def words() -> str:
        subject = wrap(model)
        return subject.outputs_in_words() if isinstance(subject, Classifier) else ""

    try:  # a bare model is not wrapped again for each result
        return str(store_of(network).get_or_build("outputs in words", words)) if network is model else words()
    except ValueError:
        return ""


def _kept(value: Any) -> Any:
    """Return a value as a recipe keeps it: a copy of an array, or what names it if it is large."""
    if isinstance(value, np.ndarray):
        return value.copy() if value.size <= _LARGEST else Described(fingerprint(value))
    if type(value) in (list, tuple):
        return type(value)(_kept(one) for one in value)
    if type(value) is dict:
        return {name: _kept(one) for name, one in value.items()}
    return value


def make_again(recipe: Recipe, *given: Any, **arrays: Any) -> Any:
    """Make a result again from its recipe.

    Parameters
    ----------
    recipe : Recipe
        Of any result.
    *given
        What the recipe does not hold, in the order in which the function takes it: the model and the inputs; for an
        evaluation, what it judges.
    **arrays
        Arrays that were too large to be kept in the recipe; functions and other objects, where it was read from a file.

    Returns
    -------
    result
        With the same model and inputs, the same numbers: bit for bit on one machine.

    Raises
    ------
    ValueError
        If the recipe is not complete (an own result, or one of an earlier version), or an array is missing or another.

    Examples
    --------
    >>> import xai_widgets as xai
    >>> digits, three = xai.load_model("digits"), xai.sample_image("digit-3")
    >>> found = xai.methods.smooth_grad(digits, three, samples=4, seed=3)
    >>> again = make_again(found.recipe, digits, three)
    >>> bool((again.values == found.values).all())
    True
    """
    function = _function(recipe.method)
    if function is None or not set(options_of(inspect.signature(function))) <= recipe.arguments.keys():
        msg = f"the recipe of {recipe.method!r} does not hold the arguments of a method of this package"
        raise ValueError(msg)
    arguments = dict(recipe.arguments)
    for name, value in arguments.items():
        if isinstance(value, NotKept) and name not in arrays:
            msg = f"{name} was {value}, which the file of the result does not hold; give {name}="
            raise ValueError(msg)
        if not isinstance(value, Described):
            continue
        if name not in arrays or fingerprint(arrays[name]) != value.fingerprint:
            msg = f"{name} was too large to be kept in the recipe; give {name}= the array {value.fingerprint}"
            raise ValueError(msg)
    return function(*given, **arguments | arrays)


def _function(name: str) -> Callable[..., Any] | None:
    """Return the function that made a result; its module may not be loaded yet, where the recipe comes from a file."""
    if name not in RECORDED:
        methods = importlib.import_module("xai_widgets.methods")
        for module in pkgutil.walk_packages(methods.__path__, f"{methods.__name__}."):
            importlib.import_module(module.name)
    return RECORDED.get(name)
