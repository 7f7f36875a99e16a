"""Attributions by hiding parts of the input: occlusion, RISE, LIME, Shapley values."""
