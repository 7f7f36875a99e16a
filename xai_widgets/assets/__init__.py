"""What the package ships: weights, a folder a model, and the cards that describe and check them."""
