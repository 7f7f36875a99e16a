"""Pictures: read from anything, composed, and samples by name."""
