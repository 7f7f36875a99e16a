"""The labs, a folder each: the lab, its session (what it computes), its views (what it shows)."""
