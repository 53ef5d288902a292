"""The built wheel is whole: away from the repository, with the network off, it restyles a photo."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import torch

from olhar.media.image import read, write

ROOT = Path(__file__).parents[1]
OFFLINE = """
import socket, sys

def refuse(*_):
    raise OSError("the network is off")

socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
import olhar.cli
assert olhar.__file__.startswith(sys.argv[1]), olhar.__file__
sys.exit(olhar.cli.main(sys.argv[2:]))
"""


def test_wheel_restyles_away_from_the_repository(tmp_path):
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        archive.extractall(tmp_path / "site")
    weights = {name for name in names if name.endswith(".safetensors")}
    bundled = ("codec", "colorizer", "denoiser", "faces", "hokusai", "night", "vgg16")
    assert weights == {f"olhar/hub/weights/{name}.safetensors" for name in bundled}
    assert {"olhar/py.typed", "olhar/look/style.css"} <= names
    assert wheel.stat().st_size < 24e6

    write(tmp_path / "photo.png", torch.rand(3, 48, 64))
    run = [sys.executable, "-c", OFFLINE, str(tmp_path / "site")]
    styled = [*("samples", "night", "-o", "drawn", "--size", "64"), "--quiet"]
    restyled = [*("stylize", "photo.png", "--style", "drawn/night.png", "-o", "made.png")]
    for words in (styled, [*restyled, "--size", "64", "--iterations", "2"]):
        subprocess.run(
            [*run, *words],
            cwd=tmp_path,
            check=True,
            capture_output=True,
            env=os.environ | {"PYTHONPATH": str(tmp_path / "site")},
        )
    assert read(tmp_path / "made.png").image.shape == (3, 48, 64)
