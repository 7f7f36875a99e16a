"""What was learnt: a test of twenty concepts before and after the course, and the gain of a class."""
