"""The rules of the product: pure, standard library only, `now` is always a parameter."""
