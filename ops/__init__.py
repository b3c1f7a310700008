"""Running the product: the command line, the embedded cluster, the supervisor, the doctor."""
