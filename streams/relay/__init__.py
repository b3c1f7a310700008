"""The relay: from receivers to the broker, with a spool on disk for the time it is away."""
