"""Attribution methods, by family: how much each input value, place or word contributes to a score."""
