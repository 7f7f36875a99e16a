"""What is found out about a model before it is explained, and what looks wrong."""
