"""What client and server say to each other, as frozen structs in JSON (docs/wire.md)."""
