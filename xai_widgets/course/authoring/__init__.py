"""Building the notebooks of the course from their sources."""
