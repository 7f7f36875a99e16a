"""Small computations that notebooks show and exercises check."""
