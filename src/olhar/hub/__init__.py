"""Models: one `.safetensors` file each, with a card in its header that says what it is.

`load` takes a bundled or downloaded name, a file or a run folder and returns card and tensors;
`olhar.load` (the catalogue) builds the network from them. Nothing that could run is ever unpickled:
checkpoints of others are read as data and converted once.
"""

from olhar.hub.card import Card, read_card
from olhar.hub.foreign import read_foreign
from olhar.hub.hub import bundled, find, load, mark, save, write
from olhar.hub.registry import REMOTE, Remote, download, home, sha256
from olhar.hub.repository import fetch, is_repository, push

__all__ = [
    "REMOTE",
    "Card",
    "Remote",
    "bundled",
    "download",
    "fetch",
    "find",
    "home",
    "is_repository",
    "load",
    "mark",
    "push",
    "read_card",
    "read_foreign",
    "save",
    "sha256",
    "write",
]
