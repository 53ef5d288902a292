"""The server: FastAPI with Gradio's pages in it, behind the guard.

Cost: under five seconds to the first page on two cores, of which Gradio's import takes half. The
server itself holds no torch; the process that jobs are forked from does.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import subprocess
import sys
import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from fastapi import FastAPI

from olhar.samples import PAINTINGS
from olhar.studio import controls, parts, routes
from olhar.studio.forms import CLASSES, Forms
from olhar.studio.guard import LARGEST_UPLOAD, Guard
from olhar.studio.jobs import Jobs
from olhar.studio.login import Gate
from olhar.studio.offline import is_local
from olhar.studio.processes import warm
from olhar.studio.quick import gr
from olhar.studio.studio import Studio
from olhar.studio.theme import theme

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence

    from olhar.studio.forms import Field
    from olhar.studio.login import Door
    from olhar.studio.workspace import Workspace

_HOUR = 3600


def application(space: Workspace, host: str, door: Door) -> Guard:
    """The whole studio as an ASGI application.

    Args:
        space: its folder.
        host: the address that it will listen on.
        door: says who may come in.
    """
    os.environ["GRADIO_TEMP_DIR"] = str(space.uploads)
    forms = Forms(space)
    studio = Studio(space, Jobs(space), forms, {}, alone=is_local(host))
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, lifespan=_life(studio))
    routes.add(app, studio)
    if isinstance(door, Gate):
        routes.add_login(app, door)
    known = {name: forms.fields(name) for name in CLASSES}
    blocks = gr.Blocks(title="olhar", analytics_enabled=False)
    for name, path in parts.paths().items():
        studio.pages[name] = blocks if path == "/" else blocks.route(name, path)
        with studio.pages[name]:
            parts.Panel(parts.top(name))
            import_module(f"olhar.studio.pages.{name}").build(studio)
    blocks.queue(max_size=2 * 200, default_concurrency_limit=None)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "SSR mode is not supported")  # nor asked for
        _mount(app, blocks, space, known)
    blocks.has_launched = True  # or Gradio takes any path of this machine for one that was sent
    return Guard(app, space, frozenset(parts.paths().values()), host, door)


def _mount(
    app: FastAPI, blocks: Any, space: Workspace, known: Mapping[str, Sequence[Field]]
) -> None:
    gr.mount_gradio_app(
        app,
        blocks,
        path="/",
        theme=theme(),
        i18n=controls.translations(known),
        footer_links=[],
        run_history=False,
        mcp_server=False,
        ssr_mode=False,
        pwa=False,
        enable_monitoring=False,
        show_error=True,
        allowed_paths=[str(space.jobs)],
        max_file_size=LARGEST_UPLOAD,
    )


def _life(studio: Studio) -> Any:
    """What goes on beside the pages: once an hour, what is older than a day is removed."""

    async def sweep() -> None:
        while True:
            await asyncio.to_thread(studio.jobs.sweep)
            await asyncio.sleep(_HOUR)

    @contextlib.asynccontextmanager
    async def life(_: FastAPI) -> AsyncGenerator[None]:
        task = asyncio.create_task(sweep())
        await asyncio.to_thread(warm)
        drawing = _draw(studio.space)
        try:
            yield
        finally:
            task.cancel()
            if drawing is not None:
                drawing.terminate()
            await asyncio.to_thread(studio.jobs.close)

    return life


def _draw(space: Workspace) -> subprocess.Popen[bytes] | None:
    """Draw the sample paintings, once, beside the first pages."""
    folder = space.root / "drawn"
    missing = [name for name in PAINTINGS if not (folder / f"{name}.png").is_file()]
    if not missing:
        return None
    command = [sys.executable, "-m", "olhar", "samples", *missing, "--quiet", "-o", str(folder)]
    return subprocess.Popen(command)  # noqa: S603  ourselves


def _is_no_farewell(record: logging.LogRecord) -> bool:
    """Whether a line says more than that pages were open when the studio was closed."""
    cut = record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError)
    return not cut and not str(record.msg).startswith("Cancel ")


def serve(space: Workspace, host: str, port: int, door: Door, ready: Any) -> None:
    """Serve until somebody stops it.

    Args:
        space: the studio's folder.
        host: the address to listen on.
        port: 0 is any that is free.
        door: says who may come in.
        ready: is called with the address once the first page can be had.
    """
    import uvicorn

    config = uvicorn.Config(
        application(space, host, door),
        host=host,
        port=port,
        loop="asyncio",
        http="h11",
        ws="none",
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=3,
        lifespan="on",
    )

    logging.getLogger("uvicorn.error").addFilter(_is_no_farewell)

    class Server(uvicorn.Server):
        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            if self.started:
                name = self.servers[0].sockets[0].getsockname()
                shown = f"[{host}]" if ":" in host else host
                ready(f"http://{quote(shown, safe='[]:.')}:{name[1]}/")

    Server(config).run()
