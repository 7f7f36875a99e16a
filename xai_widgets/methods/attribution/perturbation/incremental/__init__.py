"""Incremental inference: only what a hidden window can reach is computed again."""
