"""Contracts of the streams: bytes from outside become a message or a named rejection."""
