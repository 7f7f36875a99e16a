"""What comes out of a model: what its outputs are, predictions, targets."""
