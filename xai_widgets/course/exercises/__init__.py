"""The exercises, one file a notebook; `xai_widgets.course.registry` finds them."""
