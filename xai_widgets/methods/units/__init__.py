"""Single units of a network: the patches that excite them, receptive fields, and the effect of switching them off."""
