"""People are told: a channel per messenger, each by its own rules (docs/channels.md)."""
