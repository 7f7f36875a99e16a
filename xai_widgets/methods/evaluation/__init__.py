"""How good is an explanation? Scores of maps: by masking, by masks, by theory, by intervention, by price."""
