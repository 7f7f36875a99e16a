"""What notebooks show: sentences with figures computed on the spot, tables, described figures."""
