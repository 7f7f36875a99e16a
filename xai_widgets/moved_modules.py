"""The old paths of modules that have moved: they can be imported still, with a warning that names the new path.

A finder in ``sys.meta_path`` answers for the paths of `MOVED`; it loads the new module, and puts that same module under
the old path too. Where a package has taken the place of a module, `names_of_the_old_module` finds the names that the
module had; `renamed_names` finds names that have changed within a module. Nothing is loaded before an old path or name
is asked for.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import warnings
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_ROOT: Final = __name__.partition(".")[0]

# Old path: new path, or the new paths of a module that was split. What lay in a package that moved lies in it still.
MOVED: Final[dict[str, str | tuple[str, ...]]] = {
    "backend.lucid_bridge.loading": "backend.lucid_bridge.lucid_import",
    "course.application": "course.authoring.application",
    "course.base": "course.exercises.exercise",
    "course.capstone.figures": "course.capstone.suspect_figures",
    "course.capstone.pictures": "course.capstone.team_pictures",
    "course.comments": "course.exercises.comments",
    "course.covers": "course.authoring.covers",
    "course.drawings": "course.display.described_figures",
    "course.edition": "course.authoring.edition_notebooks",
    "course.editions": "course.authoring.build",
    "course.execution": "course.authoring.execution",
    "course.explanations": "course.examples.explanation_comparison",
    "course.faults": "course.authoring.source_checks",
    "course.functions": "course.exercises.function_exercise",
    "course.furniture": "course.authoring.notebook_frame",
    "course.inspection": "course.authoring.notebook_checks",
    "course.layout": "course.authoring.checkout",
    "course.losses": "course.examples.losses",
    "course.machine": "course.display.machine_check",
    "course.maps": "course.display.map_figures",
    "course.memory": "course.authoring.notebook_memory",
    "course.pages": "course.authoring.pages",
    "course.registry": "course.exercises.exercise_registry",
    "course.robustness": "course.examples.digit_robustness",
    "course.sentences": "course.display.sentences",
    "course.source": "course.authoring.source",
    "course.studies": "course.examples.planted_tag",
    "course.tiny": "course.examples.tiny_network",
    "course.typography": "course.authoring.typography",
    "course.verdict": "course.exercises.verdict",
    "methods.activations": "methods.core.layer_probe",
    "methods.anytime": "methods.core.streaming",
    "methods.atlas.atlas": "methods.atlas.activation_atlas",
    "methods.atlas.grid": "methods.atlas.grid_cells",
    "methods.atlas.layouts": "methods.atlas.atlas_layout",
    "methods.atlas.picture": "methods.atlas.activation_grid",
    "methods.atlas.sampling": "methods.atlas.activation_sampling",
    "methods.baselines": "methods.core.baselines",
    "methods.boxes": "methods.attribution.perturbation.incremental.box_plan",
    "methods.cam": "methods.attribution.cam.cam",
    "methods.cam_head": "methods.attribution.cam.head",
    "methods.cam_variants": "methods.attribution.cam.variants",
    "methods.coalitions": "methods.attribution.perturbation.coalitions",
    "methods.comparison": "methods.evaluation.similarity",
    "methods.copies": "methods.attribution.perturbation.masking",
    "methods.deconvolution": "methods.attribution.backpropagation.deconvolution",
    "methods.deep_lift": "methods.attribution.backpropagation.deep_lift",
    "methods.dissection.concepts": "methods.dissection.concept_pictures",
    "methods.dissection.creatures": "methods.dissection.creature_concepts",
    "methods.dissection.sketch": "methods.dissection.quantile_sketch",
    "methods.embedding.shapes": "methods.embedding.known_shapes",
    "methods.evaluation.asking": "methods.evaluation.named_methods",
    "methods.evaluation.compare": "methods.evaluation.method_comparison",
    "methods.evaluation.curves": "methods.evaluation.deletion_insertion",
    "methods.evaluation.forgetting": "methods.evaluation.weight_randomization",
    "methods.evaluation.localisation": "methods.evaluation.localization",
    "methods.evaluation.maps": "methods.evaluation.place_scores",
    "methods.evaluation.randomisation": "methods.evaluation.randomization",
    "methods.evaluation.stability": "methods.evaluation.max_sensitivity",
    "methods.expected": "methods.attribution.gradients.expected_gradients",
    "methods.feature_visualization.colour": "methods.feature_visualization.decorrelated_colour",
    "methods.feature_visualization.parameterisations": "methods.feature_visualization.parameterizations",
    "methods.feature_visualization.ways": "methods.feature_visualization.regularizer_steps",
    "methods.fills": "methods.attribution.perturbation.fills",
    "methods.gradient": "methods.attribution.gradients.saliency",
    "methods.guided_grad_cam": "methods.attribution.cam.guided_grad_cam",
    "methods.incremental": "methods.attribution.perturbation.incremental.inference",
    "methods.layer_maps": "methods.attribution.cam.layer_maps",
    "methods.lime_image": "methods.attribution.perturbation.lime_image",
    "methods.lime_tabular": "methods.attribution.perturbation.lime_tabular",
    "methods.locality": "models.graph.layer_geometry",
    "methods.lrp": "methods.attribution.backpropagation.lrp",
    "methods.noise": "methods.attribution.gradients.smooth_grad",
    "methods.occlusion": "methods.attribution.perturbation.occlusion",
    "methods.paths": "methods.attribution.gradients.integrated_gradients",
    "methods.perturbations": "methods.adversarial.threat_model",
    "methods.points": "methods.core.point_gradients",
    "methods.predictors": "methods.core.predictors",
    "methods.progress": "methods.core.progress",
    "methods.quadrature": "methods.attribution.gradients.quadrature",
    "methods.reach": "models.graph.box_propagation",
    "methods.regions": "methods.attribution.perturbation.windows",
    "methods.rise": "methods.attribution.perturbation.rise",
    "methods.robustness": "methods.adversarial.robustness",
    "methods.rules": "methods.attribution.backpropagation.rules",
    "methods.rules.affine": "methods.attribution.backpropagation.rules.affine_layers",
    "methods.rules.cancelling": "methods.attribution.backpropagation.rules.reveal_cancel",
    "methods.rules.composites": "methods.attribution.backpropagation.rules.composites",
    "methods.rules.differences": "methods.attribution.backpropagation.rules.difference_rules",
    "methods.rules.engine": "methods.attribution.backpropagation.rules.engine",
    "methods.rules.kinds": "methods.attribution.backpropagation.rules.layer_kinds",
    "methods.rules.node": "methods.attribution.backpropagation.rules.node",
    "methods.rules.nodes": "methods.attribution.backpropagation.rules.node_graph",
    "methods.rules.recurrent": "methods.attribution.backpropagation.rules.recurrent_layers",
    "methods.rules.relevance": "methods.attribution.backpropagation.rules.relevance_rules",
    "methods.rules.runs": "methods.attribution.backpropagation.rules.batch_runs",
    "methods.score_cam": "methods.attribution.cam.score_cam",
    "methods.scores": "methods.core.target_scores",
    "methods.shapley": "methods.attribution.perturbation.shapley",
    "methods.stability": "methods.evaluation.seed_stability",
    "methods.superpixels": "methods.attribution.perturbation.superpixels",
    "methods.units.projection": "methods.units.deconvnet",
    "methods.units.reading": "methods.core.layer_probe",
    "methods.units.receptive": "methods.units.receptive_fields",
    "methods.units.recording": "methods.units.training_recorder",
    "methods.units.statistics": "methods.units.unit_statistics",
    "methods.units.top": "methods.units.top_patches",
    "methods.upsampling": "methods.core.upsampling",
    "methods.words": "methods.attribution.perturbation.text",
    "models.applications": "models.zoo.applications",
    "models.arrays": "datasets.pictures.pixel_arrays",
    "models.classifier": "models.kinds.classifier",
    "models.composition": "datasets.pictures.composition",
    "models.creature_pictures": "datasets.pictures.creature_samples",
    "models.creatures": "datasets.creatures",
    "models.creatures.colours": "datasets.creatures.palettes",
    "models.cut": "models.graph.splitting",
    "models.decoding": "datasets.pictures.decoding",
    "models.download": "common.download",
    "models.graph.program": "models.graph.computation_steps",
    "models.history": "models.zoo.training_history",
    "models.labels": "common.class_labels",
    "models.model_files": "models.zoo.keras_files",
    "models.names": "common.name_matching",
    "models.network": "models.kinds.network",
    "models.pictures": "datasets.pictures.picture_reading",
    "models.predictions": "models.outputs.predictions",
    "models.preprocessing": "models.inputs.preprocessing",
    "models.program": "models.graph.computation_steps",
    "models.projector": "datasets.embedding_projector",
    "models.reviews": "datasets.reviews",
    "models.samples": "datasets.pictures.samples",
    "models.scene_reader": "models.zoo.scene_reader",
    "models.shipped": ("assets.cards", "models.zoo.shipped"),
    "models.sources": "datasets.pictures.sample_sources",
    "models.store": "models.graph.compiled_functions",
    "models.tables": "common.record_table",
    "models.tabular": ("datasets.tabular", "models.tabular_forest"),
    "models.taps": "models.graph.intermediate_outputs",
    "models.targets": "models.outputs.targets",
    "models.text_model": "models.text.text_model",
    "models.text_net": "models.text.text_network",
    "models.toy": "models.toy_networks",
    "models.vectors": "datasets.vectors",
    "models.words": "datasets.reviews.word_positions",
    "plots.adversarial": "plots.adversarial_figures",
    "plots.atlas": "plots.atlas_figures",
    "plots.attribution": "plots.attribution_figures",
    "plots.dissection": "plots.dissection_figures",
    "plots.embedding": "plots.embedding_figures",
    "plots.evaluation": "plots.evaluation_figures",
    "plots.matrices": "plots.matrix_figures",
    "plots.units": "plots.unit_figures",
    "plots.visualization": "plots.visualization_figures",
    "results.adversarial": "results.adversarial_results",
    "results.atlas": "results.atlas_results",
    "results.attribution": "results.attribution_result",
    "results.dissection": "results.dissection_result",
    "results.embedding": "results.embedding_result",
    "results.evaluation": "results.evaluation_results",
    "results.layer_maps": "results.layer_maps_result",
    "results.relevance": "results.relevance_result",
    "results.superpixels": "results.superpixel_result",
    "results.visualization": "results.visualization_result",
    "results.words": "results.word_result",
    "widgets.activation_browser": "widgets.labs.activation_browser.lab",
    "widgets.adversarial": "widgets.labs.adversarial.lab",
    "widgets.adversarial_views": "widgets.labs.adversarial.views",
    "widgets.atlas": "widgets.labs.atlas.lab",
    "widgets.attack_session": "widgets.labs.adversarial.session",
    "widgets.attribution": "widgets.labs.attribution.lab",
    "widgets.attribution_session": "widgets.base.explanation_session",
    "widgets.backward_session": "widgets.labs.backward_stepper.session",
    "widgets.backward_stepper": "widgets.labs.backward_stepper.lab",
    "widgets.cam": "widgets.labs.cam.lab",
    "widgets.cam_session": "widgets.labs.cam.session",
    "widgets.cam_views": "widgets.labs.cam.views",
    "widgets.chooser": "widgets.labs.chooser.lab",
    "widgets.chooser_session": "widgets.labs.chooser.session",
    "widgets.convolution": "widgets.labs.convolution.lab",
    "widgets.convolution_session": "widgets.labs.convolution.session",
    "widgets.dissection": "widgets.labs.dissection.lab",
    "widgets.dissection_session": "widgets.base.dissection_session",
    "widgets.dream": "widgets.labs.dream.lab",
    "widgets.embedding": "widgets.labs.embedding.lab",
    "widgets.feature": "widgets.labs.feature.lab",
    "widgets.feature_session": "widgets.base.feature_session",
    "widgets.filter_browser": "widgets.labs.filter_browser.lab",
    "widgets.lab": "widgets.base.lab",
    "widgets.lime": "widgets.labs.lime.lab",
    "widgets.lime_session": "widgets.labs.lime.session",
    "widgets.matrix_views": "widgets.components.matrix_views",
    "widgets.method_panel": "widgets.base.method_panel",
    "widgets.model_lab": "widgets.base.model_lab",
    "widgets.occlusion": "widgets.labs.occlusion.lab",
    "widgets.occlusion_session": "widgets.labs.occlusion.session",
    "widgets.picture_lab": "widgets.base.picture_lab",
    "widgets.picture_session": "widgets.base.picture_session",
    "widgets.pictures": "widgets.base.picture_choice",
    "widgets.relevance": "widgets.labs.relevance.lab",
    "widgets.relevance_session": "widgets.labs.relevance.session",
    "widgets.signed_bars": "widgets.components.signed_bars",
    "widgets.toy_nets": "widgets.labs.toy_nets.lab",
    "widgets.training_scrubber": "widgets.labs.training_scrubber.lab",
    "widgets.unit_explorer": "widgets.labs.unit_explorer.lab",
    "widgets.unit_views": "widgets.base.unit_views",
}


def install() -> None:
    """Let the old paths be imported; a second call changes nothing."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())  # first: the folder of a package that moved would be read a second time


def names_of_the_old_module(package: str, successor: str) -> Callable[[str], Any]:
    """Return a ``__getattr__`` for a package that has taken the place of a module.

    Parameters
    ----------
    package : str
        Full path of the package, which is also that of the old module.
    successor : str
        Full path of the module that has the names now.

    Returns
    -------
    callable
        Finds a name in `successor`, warns once, and keeps it in the package.

    Examples
    --------
    >>> find = names_of_the_old_module("xai_widgets.models.zoo", "xai_widgets.models.zoo.loading")
    >>> find("nothing")
    Traceback (most recent call last):
    AttributeError: module 'xai_widgets.models.zoo' has no attribute 'nothing'
    """

    def find(name: str) -> Any:
        absent = AttributeError(f"module {package!r} has no attribute {name!r}")
        if name.startswith("_") or importlib.util.find_spec(f"{package}.{name}"):
            raise absent  # a module of the package is imported in the usual way
        try:
            found = getattr(importlib.import_module(successor), name)
        except AttributeError:
            raise absent from None
        _warn(f"{package}.{name}", f"{successor}.{name}")
        setattr(sys.modules[package], name, found)
        return found

    return find


def renamed_names(module: str, new_names: Mapping[str, str], stacklevel: int = 2) -> Callable[[str], Any]:
    """Return a ``__getattr__`` for a module some of whose names have changed.

    Parameters
    ----------
    module : str
        Its full path.
    new_names : mapping of str to str
        From each old name to the new one.
    stacklevel : int
        2 where the result is the module's ``__getattr__``, 3 where that calls it.

    Returns
    -------
    callable
        Finds what has the new name, and warns at each use of an old one.

    Examples
    --------
    >>> renamed_names("xai_widgets.models.zoo.loading", {"Old": "New"})("nothing")
    Traceback (most recent call last):
    AttributeError: module 'xai_widgets.models.zoo.loading' has no attribute 'nothing'
    """

    def find(name: str) -> Any:
        if name not in new_names:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        new = new_names[name]
        message = f"{module}.{name} is now called {new}"
        warnings.warn(message, DeprecationWarning, stacklevel=stacklevel)
        return getattr(importlib.import_module(module), new)

    return find


class _Finder:
    """Finds modules by their old paths."""

    def find_spec(
        self, path: str, folders: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return how to load an old path; None for all other paths."""
        del folders, target
        new = _new_paths(path)
        return ModuleSpec(path, _Loader(new)) if new else None


class _Loader(Loader):
    """Puts a module under its old path."""

    def __init__(self, new: tuple[str, ...]) -> None:
        self.new = new

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave it to Python to make an empty module; `exec_module` puts the right one in its place."""

    def exec_module(self, module: ModuleType) -> None:
        """Put the module of the new path in the place of an empty one."""
        old = module.__name__
        found = [importlib.import_module(path) for path in self.new]
        _warn(old, " and ".join(self.new), stacklevel=3)
        if len(found) == 1:
            sys.modules[old] = found[0]
        else:
            for part in reversed(found):
                vars(module).update({name: value for name, value in vars(part).items() if not name.startswith("_")})
        parent, _, name = old.rpartition(".")
        if callable(getattr(sys.modules[parent], name, None)):
            sys.modules[parent].__class__ = _PackageOfFunctions


class _PackageOfFunctions(ModuleType):
    """A package with a function of the same name as a module that was in it: the name stays that of the function."""

    def __setattr__(self, name: str, value: object) -> None:
        """Set an attribute, unless it is a module, which Python sets after loading it, and would hide a function."""
        if not (isinstance(value, ModuleType) and callable(getattr(self, name, None))):
            super().__setattr__(name, value)


def _new_paths(path: str) -> tuple[str, ...]:
    """Return the full new paths of a full old path; none if it has not moved."""
    root, _, rest = path.partition(".")
    if root != _ROOT:
        return ()
    new = MOVED.get(rest)
    if new is None:
        parent, _, name = rest.rpartition(".")
        new = MOVED.get(parent, ())
        new = f"{new}.{name}" if isinstance(new, str) else ()
    return tuple(f"{_ROOT}.{one}" for one in ((new,) if isinstance(new, str) else new))


def _warn(old: str, new: str, stacklevel: int = 3) -> None:
    warnings.warn(f"{old} has moved to {new}; import it from there", DeprecationWarning, stacklevel=stacklevel)
