"""Playing many candidates against a server, with the real protocol and small media."""
