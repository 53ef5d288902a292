"""Face swap with autoencoders, of people who agreed and marked as what it is.

Finding faces: `blazeface` and `facemesh` are the networks, `detect` and `landmarks` use them on
pictures, `finder` and `track` on films; `align` and `masks` say where a face lies, `measure` and
`people` what it looks like; `extract`, `records` and `faceset` keep what was found.

Learning them: `network` is what swaps, `recipe` how it is learned; `bank` holds the faces of one
person, `warp` and `pairs` vary them, `losses` says what a made face is worth.

Swapping them: `apply` is what others call, `permission` asks for the consent.
"""
