"""What a machine did to a picture: the words that every generated file carries.

A `Mark` travels beside a result until it is written; `olhar.media.provenance` signs it then. Which
action (C2PA specification 2.2, section 18.17) and which digital source type (IPTC NewsCodes, 2025)
each deed is, and why:

- colorized: every colour is a network's guess, over light that was really there: adjusted colour,
  a composite with trained media.
- restyled: strokes that nobody painted, steered by a trained eye: a filter, a composite.
- swapped: a face that was not there: an edit, a composite.
- generated: nothing was photographed: created, trained media.
- interpolated: made wholly by a decoder, between two pictures that were looked at: as generated,
  with both as inputs.
- reconstructed: the same of one picture, which is the parent: an edit that leaves nothing of it,
  trained media.
- denoised: grain is taken away and nothing invented on purpose: enhanced, "algorithmically
  enhanced", the mildest that there is.
- shown: a sheet that a person looks at, real pictures beside what a model made: a composite.

What code draws without anything learned (sample paintings, plots) carries no mark: no machine took
part that could be mistaken for a witness.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, NamedTuple, Self, TypeAlias

Deed: TypeAlias = Literal[
    "colorized",
    "restyled",
    "swapped",
    "generated",
    "interpolated",
    "reconstructed",
    "denoised",
    "shown",
]
"""What a capability does to a picture."""

IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
"""With which the names of digital source types begin."""
_TRAINED = "trainedAlgorithmicMedia"
_COMPOSITE = "compositeWithTrainedAlgorithmicMedia"
_ENHANCED = "algorithmicallyEnhanced"


class Way(NamedTuple):
    """How a deed is said to others."""

    action: str
    """Of C2PA."""
    kind: str
    """The digital source type of IPTC, its whole address."""


DEEDS: dict[Deed, Way] = {
    "colorized": Way("c2pa.adjustedColor", IPTC + _COMPOSITE),
    "restyled": Way("c2pa.filtered", IPTC + _COMPOSITE),
    "swapped": Way("c2pa.edited", IPTC + _COMPOSITE),
    "generated": Way("c2pa.created", IPTC + _TRAINED),
    "interpolated": Way("c2pa.created", IPTC + _TRAINED),
    "reconstructed": Way("c2pa.edited", IPTC + _TRAINED),
    "denoised": Way("c2pa.enhanced", IPTC + _ENHANCED),
    "shown": Way("c2pa.created", IPTC + _COMPOSITE),
}
"""See the top of this module."""


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What was done, by which model, to what."""

    deed: Deed
    """What was done."""
    model: str = ""
    """The name of the model, as its card says it."""
    card: str = ""
    """SHA-256 of the model's card, in hexadecimal (`olhar.hub.mark` fills in both)."""
    source: Path | None = None
    """The file that was changed; `process` fills it in. Its own credentials are kept."""
    beside: tuple[Path, ...] = ()
    """Files that went in as well: paintings, a reference, the ends of an interpolation."""
    consent: str = ""
    """SHA-256 of the record by which the people shown agreed (`olhar.media.consent`)."""
    notes: dict[str, str] = field(default_factory=dict[str, str])
    """More to be signed; whoever has the file can read it, so nothing private."""

    @property
    def way(self) -> Way:
        """How the deed is said to others."""
        return DEEDS[self.deed]

    def of(self, source: Path) -> Self:
        """The same, done to this file."""
        return replace(self, source=source)

    def using(self, *files: Path) -> Self:
        """The same, with these files as inputs too."""
        return replace(self, beside=(*self.beside, *files))
