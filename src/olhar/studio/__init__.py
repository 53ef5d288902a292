"""The studio: all of olhar in a browser, for people who will never open a terminal.

    olhar studio

One process serves pages and holds no torch; each job runs in a process of its own, so that one that
dies takes nothing with it (`jobs`, `work`). What a job does is a function of `bodies`, the same
that a command does. A page is a file in `pages`, its forms are made from the settings' dataclasses
(`forms`). `guard` stands in front of everything and `offline` behind it: nothing comes in from
another site, nothing goes out to another machine.
"""
