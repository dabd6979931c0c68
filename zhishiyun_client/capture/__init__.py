"""Camera, microphone and screen: the sources of the recording."""
