"""Class activation maps: CAM, Grad-CAM and their variants."""
