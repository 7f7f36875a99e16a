"""Attributions by rules of their own for the backward pass: LRP, DeepLIFT, deconvolution, guided backpropagation."""
