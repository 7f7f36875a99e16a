"""Models with what a person needs around them: `WrappedModel`, and its kinds `Classifier` and `Network`."""
