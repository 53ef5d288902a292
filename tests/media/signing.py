"""What the tests of signatures share: files with pixels, other people's keys, whether it holds."""

import io
import json
import os
from pathlib import Path

import c2pa
import torch
from PIL import Image

from olhar.media import identity
from olhar.media.image import write
from olhar.media.mark import Mark
from olhar.media.video import write_video

PICTURES = (".avif", ".jpg", ".png", ".tiff", ".webp")
FILMS = (".mp4", ".mov")
CHANGES = int(os.environ.get("OLHAR_TEST_CHANGES", "4"))
"""Random changes for each format; 200 were tried by hand."""


def image(seed: int = 0, size: tuple[int, int] = (48, 64)) -> torch.Tensor:
    return torch.rand(3, *size, generator=torch.Generator().manual_seed(seed))


def made(path: Path, mark: Mark | None = None) -> Path:
    """A picture or a film, written as capabilities write it."""
    if path.suffix in FILMS:
        return write_video(path, (image(n) for n in range(5)), 10, mark=mark)
    return write(path, image(), mark=mark)


def state(path: Path, *, trusting: str | None = None) -> str | None:
    """What c2pa's own reader says: "Trusted", "Valid", "Invalid"; None without a manifest."""
    anchors = identity.anchors() if trusting is None else trusting
    trust = {"trust": {"user_anchors": anchors}} if anchors else {}
    settings = c2pa.Settings.from_dict({**trust, "verify": {"verify_trust": True}})
    reader = c2pa.Reader.try_create(path, context=c2pa.Context(settings=settings))
    return None if reader is None else reader.get_validation_state()


def manifest(path: Path) -> dict:
    found = json.loads(c2pa.Reader(path).json())
    return found["manifests"][found["active_manifest"]]


def actions(path: Path) -> list[dict]:
    (said,) = [each for each in manifest(path)["assertions"] if "actions" in each["label"]]
    return said["data"]["actions"]


def by_a_stranger(path: Path, name: str = "Camera 7") -> Path:
    """A JPEG with the credentials of a maker that nobody here knows."""
    key, chain = identity._made()
    data, out = io.BytesIO(), io.BytesIO()
    pixels = image(7).mul(255).byte().permute(1, 2, 0).numpy()
    Image.fromarray(pixels).save(data, "JPEG")
    signer = c2pa.Signer.from_info(c2pa.C2paSignerInfo("es256", chain, key, None))
    capture = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
    said = [{"action": "c2pa.created", "digitalSourceType": capture}]
    builder = c2pa.Builder(
        {
            "claim_generator_info": [{"name": name, "version": "7"}],
            "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": said}}],
        }
    )
    builder.sign(signer, "image/jpeg", data, out)
    path.write_bytes(out.getvalue())
    return path
