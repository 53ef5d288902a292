"""The one field that tools without C2PA read: `Iptc4xmpExt:DigitalSourceType` in the XMP packet.

It is not signed and anybody can take it away; it is there because so many programs and sites look
at nothing else (IPTC Photo Metadata Standard 2025.1). In MP4 and MOV the packet is a box of its own
at the end of the file (XMP specification, part 3, section 1.2.5).
"""

import os
import re
import struct
from pathlib import Path

from olhar.media.mark import IPTC

_NAMESPACE = b"http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_FIELD = rb"Iptc4xmpExt:DigitalSourceType"
_VALUE = re.compile(_FIELD + rb"(\s*=\s*[\"']|\s*>\s*|\s+rdf:resource\s*=\s*[\"'])([^\"'<]*)")
_ELSEWHERE = re.compile(rb"\sdcterms:provenance\s*=\s*(\"[^\"]*\"|'[^']*')")
_END = b"</rdf:RDF>"
_BOX = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_WEAKEST_FIRST = (
    "algorithmicallyEnhanced",
    "compositeSynthetic",
    "compositeWithTrainedAlgorithmicMedia",
    "trainedAlgorithmicMedia",
)
_HEAD, _TAIL = 8 << 20, 1 << 16  # bytes of a file in which the field is looked for


def marked(packet: bytes | None, kind: str) -> bytes:
    """A packet that names a digital source type.

    What the packet says already stays if it is stronger: a generated picture that was cleaned of
    noise is still a generated one. An address of credentials that belong to the old file goes.

    Args:
        packet: what there was; None or what is no XMP gives a new one.
        kind: the whole address of the type.

    >>> made = marked(None, IPTC + "trainedAlgorithmicMedia")
    >>> marked(made, IPTC + "algorithmicallyEnhanced") == made
    True
    """
    said = f'xmlns:Iptc4xmpExt="{_NAMESPACE.decode()}" Iptc4xmpExt:DigitalSourceType="{kind}"'
    description = f'<rdf:Description rdf:about="" {said}/>'.encode()
    if packet is None or _END not in packet:
        return (
            b'<x:xmpmeta xmlns:x="adobe:ns:meta/">'
            b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
            + description
            + _END
            + b"</x:xmpmeta>"
        )
    packet = _ELSEWHERE.sub(b"", packet)
    there = _VALUE.search(packet)
    if there is None:
        before, _, after = packet.rpartition(_END)
        return before + description + _END + after
    if _strength(there[2].decode("utf-8", "replace").strip()) >= _strength(kind):
        return packet
    return _VALUE.sub(lambda found: _FIELD + found[1] + kind.encode(), packet)


def declared(path: Path) -> str:
    """The digital source type that the XMP of a file names; empty if it names none.

    Looks for the field itself in the first 8 MB and the last 64 KB, whatever the format.

    Raises:
        OSError: if the file cannot be read.
    """
    with path.open("rb") as file:
        data = file.read(_HEAD)
        size = path.stat().st_size
        if size > _HEAD:
            file.seek(max(_HEAD, size - _TAIL))
            data += file.read()
    found = _VALUE.search(data)
    return found[2].decode("utf-8", "replace").strip()[:200] if found else ""


def append_box(path: Path, packet: bytes) -> None:
    """Put a packet at the end of an MP4 or MOV file.

    Raises:
        OSError: if it cannot be written; the file is as it was.
    """
    size = path.stat().st_size
    try:
        with path.open("ab") as file:
            file.write(struct.pack(">I4s", 24 + len(packet), b"uuid") + _BOX + packet)
    except OSError:
        os.truncate(path, size)
        raise


def _strength(kind: str) -> int:
    name = kind.removeprefix(IPTC).removeprefix(IPTC.replace("http:", "https:"))
    return _WEAKEST_FIRST.index(name) if name in _WEAKEST_FIRST else -1
