"""A codec: pictures in fewer bytes, and a dataset of them in one file."""
