"""Classifiers of texts."""

from xai_widgets.moved_modules import names_of_the_old_module

__getattr__ = names_of_the_old_module(__name__, "xai_widgets.models.text.text_loading")
