"""One file per topic; a module here with a `TOPIC` is on the register (`registry.topics`)."""
