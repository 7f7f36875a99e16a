"""What is drawn, written or loaded: pictures, creatures, reviews, tables, vectors. No models."""
