"""`olhar pack`."""

from pathlib import Path
from typing import Annotated

import tyro

from olhar.codec import pack as packed
from olhar.codec.packing import Special
from olhar.codec.packing_report import Packed
from olhar.commands.shared import Output


def pack(
    folder: Path,
    /,
    *,
    output: Output,
    quality: int = 50,
    model: Annotated[str, tyro.conf.arg(metavar="NAME")] = "codec",
    special: Special = "refuse",
    finetune: bool = False,
    refine: Annotated[int, tyro.conf.arg(metavar="STEPS")] = 0,
) -> Packed:
    """Store a folder of pictures in one small file.

    A learned codec keeps of each picture what is easy to see. Names, folders
    and what the files knew beside the pixels come along; so do other files,
    as they are. Trainings read the packed file like the folder, and olhar
    unpack makes the folder again. The same command goes on after a stop.

    Args:
        folder: pictures, in folders at any depth
        output: the file to make, which ends in .olhar
        quality: from 0 to 100: 25 is small, 50 good, 75 hard to tell apart
        model: the codec: a name, a .safetensors file or a run folder
        finetune: adapt the codec to the folder first, which takes some minutes and 60 kB: it
            pays where the file is larger than 1 MB without
        refine: look for better numbers, picture by picture; each step takes long
        special: pictures with transparency or 16 bits are refused, kept as they are, or flattened
    """
    return packed(
        folder,
        output,
        quality=quality,
        model=model,
        special=special,
        finetune=finetune,
        refine=refine,
    )
