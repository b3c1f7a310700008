"""The broker's side of the streams: connection, topics, and the worker that reads them."""
