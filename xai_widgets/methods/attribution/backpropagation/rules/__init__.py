"""One engine for every changed backward pass: a network as a list of calls of known kinds, and a rule for each kind."""
