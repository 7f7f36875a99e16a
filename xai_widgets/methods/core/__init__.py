"""What several families of methods share: targets and their scores, gradients, layers read, baselines, progress."""
