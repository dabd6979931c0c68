"""One file a resource: HTTP in, HTTP out."""
