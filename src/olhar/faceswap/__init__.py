"""Face swap with autoencoders; so far the front half: finding faces and making sets of them.

`blazeface` and `facemesh` are the networks, `detect` and `landmarks` use them on pictures, `finder`
and `track` on films; `align` and `masks` say where a face lies, `measure` and `people` what it
looks like; `extract`, `records` and `faceset` keep what was found.
"""
