"""Models that load by name or by file: shipped ones, those of `keras.applications`, Keras files."""

from xai_widgets.moved_modules import names_of_the_old_module

__getattr__ = names_of_the_old_module(__name__, "xai_widgets.models.zoo.loading")
