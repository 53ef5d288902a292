"""Images: any file a person has to `Tensor (3, H, W)` and back.

    picture = read("photo.jpg")                     # upright, sRGB, [0, 1], 8 or 16 bits
    write("result.png", function(picture.image), like=picture)

An image is float32 RGB, sRGB-encoded, in [0, 1]. Reading is in `image_read` (files), `decode`
(pixels), `samples` (depths), `icc` (profiles), `metadata`, `exif` and `foreign` (what is no
picture); writing in `image_write`, `png` and `tiff`.
"""

from olhar.media.image_read import MAX_PIXELS, READABLE, read
from olhar.media.image_write import WRITABLE, write
from olhar.media.picture import Picture, resize

__all__ = ["MAX_PIXELS", "READABLE", "WRITABLE", "Picture", "read", "resize", "write"]
