"""Single units of a network: what excites them, what they see of a picture, what hangs on them."""
