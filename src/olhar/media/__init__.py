"""From bytes to tensors and back: images, video, colour, and the road from file to file.

Nothing in here learns anything. Whatever the layers above do, they do on `Tensor (3, H, W)`,
float32 RGB, sRGB-encoded in [0, 1]; this package turns files into that and that into files, keeps
what a file knew beside its pixels, and never leaves half a file behind.
"""
