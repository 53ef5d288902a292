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
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)

from olhar.errors import OlharError
from olhar.look import page as look
from olhar.look.messages import say
from olhar.media.files import atomic
from olhar.samples import PAINTINGS
from olhar.studio import consents, controls, face_sets, parts
from olhar.studio.forms import CLASSES, Forms
from olhar.studio.guard import LARGEST_UPLOAD, Guard
from olhar.studio.jobs import Jobs, warm
from olhar.studio.login import Gate, session_cookie
from olhar.studio.offline import is_local
from olhar.studio.quick import gr
from olhar.studio.studio import Studio
from olhar.studio.theme import theme
from olhar.studio.told import lines
from olhar.studio.workspace import NAME, Workspace

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence
    from pathlib import Path

    from olhar.studio.forms import Field
    from olhar.studio.login import Door

PICTURES = frozenset(
    {".avif", ".bmp", ".gif", ".heic", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"}
)
"""What is kept of a folder that is sent; each is read as a picture before anything is learned."""
_HOUR = 3600
_KEPT = {"cache-control": "private, max-age=3600"}
_LARGEST_PICTURE = 200 << 20  # of one picture in a folder that is sent


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
    _routes(app, studio)
    if isinstance(door, Gate):
        _login(app, door)
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


def _routes(app: FastAPI, studio: Studio) -> None:
    """What the pages need beside Gradio."""
    style = (files("olhar.look") / "style.css").read_text("utf-8")
    for name in ("look.css", "swap.css"):
        style += (files("olhar.studio") / name).read_text("utf-8")
    for n, name in enumerate(PAINTINGS, 1):
        picture = f"--picture:url(/studio/drawn/{name}.png)"
        style += f".styles-choice label:nth-of-type({n})::before{{{picture}}}\n"
    script = (files("olhar.studio") / "look.js").read_text("utf-8")

    async def css() -> Response:
        return Response(style, media_type="text/css")

    async def js() -> Response:
        return Response(script, media_type="text/javascript")

    async def icon() -> Response:
        return Response(look.ICON, media_type="image/svg+xml")

    async def drawn(name: str) -> Response:
        return _file(studio.space.root / "drawn", name)

    async def result(job: str, name: str) -> Response:
        try:
            return _file(studio.jobs.find(job).folder / "out", name)
        except OlharError as error:
            return PlainTextResponse(lines(str(error)), 404)

    async def report(run: str) -> Response:
        return _file(studio.space.runs / _safe(run), "report.html")

    async def shown(run: str, name: str) -> Response:
        return _file(studio.space.runs / _safe(run) / "pictures", name)

    async def model(run: str) -> Response:
        path = studio.space.runs / _safe(run) / "model.safetensors"
        if not path.is_file():
            return PlainTextResponse(lines("there is no such model"), 404)
        return FileResponse(path, filename=f"{run}.safetensors")

    async def face(name: str, file: str) -> Response:
        picture = await asyncio.to_thread(face_sets.small, studio.space, name, file)
        if picture is None:
            return PlainTextResponse("there is no such face", 404)
        return Response(picture, media_type="image/jpeg", headers=_KEPT)

    async def consent(name: str) -> Response:
        try:
            path = consents.find(studio.space, name).path
        except OlharError as error:
            return PlainTextResponse(str(error), 404)
        return FileResponse(path, filename=path.name)

    async def folder(path: str, request: Request) -> Response:
        try:
            return await _receive(studio.space.data, path, request)
        except OlharError as error:  # too large, or the disk is full
            return PlainTextResponse(lines(str(error)), 413)

    for where, answer in {
        "/studio/look.css": css,
        "/studio/look.js": js,
        "/favicon.ico": icon,
        "/studio/drawn/{name}": drawn,
        "/studio/result/{job}/{name}": result,
        "/studio/report/{run}": report,
        "/studio/shown/{run}/{name}": shown,
        "/studio/model/{run}": model,
        "/studio/face/{name}/{file:path}": face,
        "/studio/consent/{name}": consent,
    }.items():
        app.add_api_route(where, answer, methods=["GET"])
    app.add_api_route("/studio/folder/file", folder, methods=["POST"])


def _safe(name: str) -> str:
    return name if NAME.fullmatch(name) else "-"


def _file(folder: Path, name: str) -> Response:
    path = folder / name
    inside = NAME.fullmatch(name) and path.resolve().parent == folder.resolve()
    if not inside or not path.is_file():
        return PlainTextResponse(lines("there is no such file"), 404)
    return FileResponse(path, headers=_KEPT, content_disposition_type="inline", filename=name)


async def _receive(data: Path, path: str, request: Request) -> Response:
    """Take in one file of a folder that is sent, as FOLDER/CLASS/NAME; only pictures are kept."""
    names = path.replace("\\", "/").split("/")
    if not 2 <= len(names) <= 4 or not all(NAME.fullmatch(each) for each in names):
        return PlainTextResponse(lines(f"{path[:100]!r} is no name that the studio takes"), 400)
    target = data.joinpath(*names)
    if target.suffix.lower() not in PICTURES | {".csv"}:
        return PlainTextResponse(lines("this is no picture"), 415)
    with atomic(target) as temporary, temporary.open("wb") as file:
        size = 0
        async for part in request.stream():
            size += len(part)
            if size > _LARGEST_PICTURE:
                raise OlharError("one of the pictures is too large")
            file.write(part)
    return JSONResponse({"bytes": size})


def _login(app: FastAPI, gate: Gate) -> None:
    """The page that asks for the password."""

    async def ask() -> Response:
        return HTMLResponse(_login_page(""))

    async def enter(request: Request) -> Response:
        form = await request.form()
        try:
            session = await asyncio.to_thread(gate.enter, str(form.get("password", "")))
        except OlharError as error:
            return HTMLResponse(_login_page(str(error)), 401)
        wants_page = "text/html" in request.headers.get("accept", "")
        answer = RedirectResponse("/", 303) if wants_page else JSONResponse({"success": True})
        name = session_cookie(request.scope)
        answer.set_cookie(name, session, httponly=True, samesite="strict", max_age=30 * 86400)
        return answer

    app.add_api_route("/login", ask, methods=["GET"])
    app.add_api_route("/login", enter, methods=["POST"])


def _login_page(error: str) -> str:
    wrong = [parts.failed(error)] if error else []
    form = look.Html(
        '<form method="post" action="/login" class="login"><p><label>'
        f'{look.html(say("studio.login"))}<br><input type="password" name="password" '
        'autocomplete="current-password" required autofocus></label></p>'
        f'<p><button type="submit">{look.html(say("studio.login.enter"))}</button></p></form>'
    )
    intro = look.paragraph(say("studio.login.intro"), "intro")
    return look.page(say("studio.login"), [intro, *wrong, form])


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
