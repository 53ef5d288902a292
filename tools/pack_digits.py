"""Make src/olhar/lessons/digits.png of the digits that scikit-learn ships.

    python tools/pack_digits.py

1797 handwritten digits of 8 x 8 pixels and 17 levels: E. Alpaydin and C. Kaynak, "Optical
Recognition of Handwritten Digits", UCI Machine Learning Repository, 1998 (CC BY 4.0); the half by
13 people whom the other half does not know. The values are kept, times 15; the labels are in a text
chunk of the PNG.
"""

from pathlib import Path

import numpy as np
from PIL import Image, PngImagePlugin
from sklearn.datasets import load_digits

COLUMNS = 50
TARGET = Path(__file__).parents[1] / "src/olhar/lessons/digits.png"

found = load_digits()
rows = -(-len(found.target) // COLUMNS)
tiles = np.zeros((rows * COLUMNS, 8, 8), np.uint8)
tiles[: len(found.target)] = found.images.astype(np.uint8) * 15
atlas = tiles.reshape(rows, COLUMNS, 8, 8).transpose(0, 2, 1, 3).reshape(rows * 8, COLUMNS * 8)
texts = PngImagePlugin.PngInfo()
texts.add_text("labels", "".join(map(str, found.target)))
texts.add_text("source", "doi:10.24432/C50P49, E. Alpaydin and C. Kaynak 1998, CC BY 4.0")
Image.fromarray(atlas).save(TARGET, optimize=True, pnginfo=texts)
print(TARGET, TARGET.stat().st_size)
