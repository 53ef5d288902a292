"""`olhar studio`."""

import webbrowser
from pathlib import Path
from typing import Annotated

import tyro

from olhar.commands.outcome import Said
from olhar.errors import OlharError
from olhar.media.files import shown

PORT = 7860


def studio(
    *,
    port: int = PORT,
    no_browser: bool = False,
    host: str = "127.0.0.1",
    folder: Annotated[Path | None, tyro.conf.arg(metavar="FOLDER")] = None,
) -> Said:
    """Open all of it in the browser.

    Colour, restyle and denoise pictures, train on folders of your own, watch
    it learn, use what was learned. It listens to this computer alone, sends
    nothing anywhere, and keeps what you give it in its own folder for a day;
    what you train stays. Ctrl-C ends it, and what was waiting waits.

    The address that it prints holds a token, new at every start unless
    $OLHAR_STUDIO_TOKEN gives one, which keeps out other people with an
    account on this computer. Programs send it:
      gradio_client.Client("http://127.0.0.1:7860/",
                           headers={"Authorization": "Bearer TOKEN"})

    With --host others reach it, with a password, which is asked for or read
    from $OLHAR_STUDIO_PASSWORD. What is sent is not encrypted then: put it
    behind a server that does, or use it where you trust everyone.

    Args:
        port: where it listens; 0 is any that is free
        no_browser: print the address and open nothing
        host: an address of this computer that others reach
        folder: where it keeps everything; a folder of the system if not given
    """
    if not 0 <= port <= 65535:
        raise OlharError(f"--port is {port}; it must be from 0 to 65535")
    if not host:
        raise OlharError("--host is empty; give an address of this computer, or leave it out")
    from olhar.studio.offline import is_local, unplug

    unplug()
    from olhar.studio.workspace import Workspace

    space = Workspace.at(folder)
    from olhar.studio.key import Key, key, leading
    from olhar.studio.login import gate

    door = key() if is_local(host) else gate(space.root / "password.json")
    from olhar.studio.app import serve

    entry = space.root / "open.html"

    def ready(address: str) -> None:
        there = f"{address}?token={door.token}" if isinstance(door, Key) else address
        told = f"The studio is at {there}  (Ctrl-C ends it)\nIts folder is {shown(space.root)}"
        print(told, flush=True)
        if isinstance(door, Key):
            there = leading(there, entry)
        else:
            print(
                "Others can reach it: whoever knows the password can use this computer's power and "
                "see what is made here,\nand whoever listens on the network can see what is sent."
            )
        if not no_browser:
            webbrowser.open(there)

    try:
        serve(space, host, port, door, ready)
    finally:
        entry.unlink(missing_ok=True)
    return Said("The studio is closed.")
