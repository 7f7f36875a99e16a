"""What labs share: the base classes, sessions on a picture, panels."""
