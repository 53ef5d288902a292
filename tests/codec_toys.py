"""A codec that has learned nothing, and small pictures."""

from pathlib import Path

import pytest
import torch

from olhar import hub
from olhar.codec.network import Codec
from olhar.media.image import write


def drawn(height: int, width: int, seed: int = 0) -> torch.Tensor:
    """Something soft, with edges: (3, height, width)."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(1, 3, 4, 5, generator=generator)
    image = torch.nn.functional.interpolate(coarse, (height, width), mode="bicubic")[0].clamp(0, 1)
    image[:, height // 3 : height // 2, width // 4 : width // 2] = 0.9
    return image


@pytest.fixture(scope="session")
def network() -> Codec:
    """Small, as it is drawn at the start."""
    torch.manual_seed(3)
    made = Codec(
        width=192, depth=(1, 1), side=8, groups=(8, 32, 64), features=16, hidden=32, refine=8
    )
    with torch.no_grad():
        for name, weight in made.prior.named_parameters():
            if name.endswith("said.weight"):  # so that guesses are no zeros
                weight.normal_(std=0.05)
        made.prior.side_mean.knots.normal_()
    return made.eval()


@pytest.fixture(scope="session")
def model(network: Codec, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as a file."""
    card = hub.Card(
        name="small",
        kind="codec",
        summary="For tests",
        licence="Apache-2.0",
        origin="drawn",
        arguments=network.arguments,
    )
    path = tmp_path_factory.mktemp("model") / "small.safetensors"
    return hub.save(path, network.state_dict(), card)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Seven pictures of two sizes in folders, a table, a note."""
    root = tmp_path / "flores"
    for number in range(5):
        write(root / f"ipê {number}.png", drawn(40, 56, number))
    write(root / "açaí" / "a.jpg", drawn(33, 47, 7))
    write(root / "açaí" / "b.webp", drawn(33, 47, 8))
    (root / "labels.csv").write_text("file,label\na.jpg,açaí\n", "utf-8")
    return root
