"""The exercises, one file a notebook; `xai_widgets.course.exercises.exercise_registry` finds them."""
