"""What goes out: rows of the outbox to whoever is to be told, by channels (docs/decisions/0016)."""
