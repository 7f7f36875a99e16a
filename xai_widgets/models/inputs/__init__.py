"""What goes into a model: pictures and arrays read, preprocessed, checked."""
