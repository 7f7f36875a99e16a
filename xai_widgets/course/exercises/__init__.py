"""Exercises: what one is, how it checks an answer, and, in `by_notebook`, those of each notebook."""
