"""Reading, cutting and running the graph of a Keras model; what each layer does to space."""

from xai_widgets.moved_modules import names_of_the_old_module

__getattr__ = names_of_the_old_module(__name__, "xai_widgets.models.graph.reading")
