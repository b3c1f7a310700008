"""The door for machines: checkpoints post what they read, one adapter file per system."""
