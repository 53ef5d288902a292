"""What pages need beside Gradio: their look, results, models, folders that are sent, a login."""

from __future__ import annotations

import asyncio
from importlib.resources import files
from typing import TYPE_CHECKING

from fastapi import Request  # noqa: TC002  FastAPI reads the hints
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
from olhar.studio import consents, face_sets, parts
from olhar.studio.login import session_cookie
from olhar.studio.told import lines
from olhar.studio.workspace import NAME

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi import FastAPI

    from olhar.studio.login import Gate
    from olhar.studio.studio import Studio

PICTURES = frozenset(
    {".avif", ".bmp", ".gif", ".heic", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"}
)
"""What is kept of a folder that is sent; each is read as a picture before anything is learned."""
_KEPT = {"cache-control": "private, max-age=3600"}
_LARGEST_PICTURE = 200 << 20  # of one picture in a folder that is sent


def add(app: FastAPI, studio: Studio) -> None:
    """Everything but the login."""
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
            return PlainTextResponse(lines("there is no such face"), 404)
        return Response(picture, media_type="image/jpeg", headers=_KEPT)

    async def consent(name: str) -> Response:
        try:
            path = consents.find(studio.space, name).path
        except OlharError as error:
            return PlainTextResponse(lines(str(error)), 404)
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


def add_login(app: FastAPI, gate: Gate) -> None:
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
