"""Models: one `.safetensors` file each, with a card in its header that says what it is.

`load` takes a bundled or downloaded name, a file or a run folder and returns card and tensors;
`olhar.load` (the catalogue) builds the network from them. Nothing is ever unpickled.
"""

from olhar.hub.card import Card, read_card
from olhar.hub.hub import bundled, find, load, save, write
from olhar.hub.registry import REMOTE, Remote, download, home

__all__ = [
    "REMOTE",
    "Card",
    "Remote",
    "bundled",
    "download",
    "find",
    "home",
    "load",
    "read_card",
    "save",
    "write",
]
