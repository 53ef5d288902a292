"""The seven steps of a training, and the one loop that everything in olhar learns in."""
