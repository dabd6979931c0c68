"""How the window counts: kept apart from it, so that a reader needs no Qt."""

FPS = 20
NUMBERS = 500  # of nine bits: twenty-five seconds
SQUARE_PX = 24
