"""Attributions made of gradients with respect to the input."""
