"""The one-tap page 一键答复: what a telephone without sign-in sees of one call, and answers."""
