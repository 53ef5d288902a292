"""Face swap with autoencoders: finding faces, learning two people, swapping one for the other."""
