"""The studio as a program meets it, and as somebody who means harm does."""

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests
from PIL import Image

gradio_client = pytest.importorskip(
    "gradio_client", reason="the studio comes with the extra: pip install 'olhar[studio]'"
)

from studio_served import Address, served  # noqa: E402

TIMEOUT = 300
web = requests.Session()  # has the token


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("served") / "studio"


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[Address]:
    with served(folder) as address:
        web.headers.update(address.headers)
        yield address


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(1)
    path = tmp_path_factory.mktemp("photos") / "grey.png"
    small = Image.fromarray(rng.integers(0, 255, (6, 8), np.uint8))
    small.resize((64, 48), Image.Resampling.BICUBIC).save(path)
    return path


@pytest.fixture(scope="module")
def client(address: Address, tmp_path_factory: pytest.TempPathFactory) -> Any:
    made = gradio_client.Client(
        address,
        verbose=False,
        download_files=str(tmp_path_factory.mktemp("down")),
        headers=address.headers,
        httpx_kwargs={"timeout": TIMEOUT},  # it would give a busy machine five seconds
    )
    yield made
    made.close()


def test_programs_call_the_same_jobs_by_documented_names(client: Any, photo: Path) -> None:
    endpoints = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert {*endpoints} == {
        *(
            "/colorize",
            "/restyle",
            "/denoise",
            "/explore",
            "/generate",
            "/train_stylizer",
            "/train_vae",
        ),
        *("/train_classifier", "/classify", "/compare", "/inspect", "/lesson", "/pack"),
        *("/faces", "/consent", "/keep_consent", "/train_faceswap", "/swap_preview", "/swap"),
    }
    names = [each["parameter_name"] for each in endpoints["/colorize"]["parameters"]]
    assert names == ["photo", "vivid", "saturation", "views", "reach", "seed"]
    made = client.predict(gradio_client.handle_file(photo), vivid=1.0, api_name="/colorize")
    with Image.open(made) as picture:
        pixels = np.asarray(picture.convert("RGB"), dtype=int)
    assert pixels.shape == (48, 64, 3)
    assert np.ptp(pixels, axis=2).max() > 8, "it is in colour"


def test_what_goes_wrong_is_a_sentence(client: Any, tmp_path: Path) -> None:
    text = tmp_path / "text.png"
    text.write_text("not a picture")
    with pytest.raises(gradio_client.exceptions.AppError, match="is a text, not a picture"):
        client.predict(gradio_client.handle_file(text), api_name="/colorize")


@pytest.mark.parametrize(
    ("name", "asked", "why"),
    [
        ("/classify", {"run": "mine"}, "there is no such model here"),
        ("/generate", {"run": "mine", "count": 4, "seed": 0, "temperature": 1}, "no such model"),
        ("/compare", {"first": "mine", "second": "yours"}, "there is no 'mine' here"),
        ("/train_vae", {"data": "mine", "run": "x"}, "there is no 'mine' here"),
    ],
)
def test_what_was_not_there_at_the_start_may_be_asked_for(
    client: Any, photo: Path, name: str, asked: dict[str, Any], why: str
) -> None:
    if name == "/classify":
        asked = {"photo": gradio_client.handle_file(photo), **asked}
    with pytest.raises(gradio_client.exceptions.AppError, match=why):
        client.predict(**asked, api_name=name)


def ask(address: str, name: str, data: list[Any], **others: Any) -> str:
    """Call a job over plain HTTP; everything that comes back."""
    begun = web.post(
        f"{address}/gradio_api/call/{name}", json={"data": data}, timeout=TIMEOUT, **others
    )
    if begun.status_code != 200:
        return begun.text
    number = begun.json()["event_id"]
    where = f"{address}/gradio_api/call/{name}/{number}"
    return web.get(where, timeout=TIMEOUT, **others).text


def sent(address: str, path: Path) -> dict[str, Any]:
    """Upload a file."""
    with path.open("rb") as file:
        answer = web.post(
            f"{address}/gradio_api/upload", files={"files": (path.name, file)}, timeout=TIMEOUT
        )
    return {"path": answer.json()[0], "meta": {"_type": "gradio.FileData"}}


def test_no_file_outside_is_read(address: str, folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text(json.dumps({"said": "swordfish"}))
    meta = {"_type": "gradio.FileData"}
    for path in (str(secret), f"{folder}/uploads/../../{secret.name}", f"{folder}/forms.json"):
        told = ask(address, "inspect", [{"path": path, "meta": meta}])
        assert "event: error" in told, path
        assert "swordfish" not in told
    for route in (
        f"/gradio_api/file={secret}",
        "/studio/result/../../password.json",
        "/studio/result/x/..%2F..%2Fjob.json",
        "/studio/drawn/..%2Fpassword.json",
        "/studio/report/..%2F..",
        "/studio/model/..",
    ):
        assert web.get(address + route, timeout=TIMEOUT).status_code in (403, 404), route


def test_nobody_is_asked_for_an_address(address: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.2)
        port = listening.getsockname()[1]
        for path in (f"http://127.0.0.1:{port}/a.png", "http://192.0.2.1/a.png"):
            data = {"path": path, "meta": {"_type": "gradio.FileData"}}
            assert "event: error" in ask(address, "inspect", [data])
            assert web.get(f"{address}/gradio_api/file={path}", timeout=TIMEOUT).status_code in (
                403,
                404,
            )
        with pytest.raises(TimeoutError):
            listening.accept()


def test_without_the_token_nothing_is_answered_and_it_stands_in_no_log(
    address: Address, folder: Path, photo: Path
) -> None:
    file = sent(address, photo)
    (token,) = (value.removeprefix("Bearer ") for value in address.headers.values())
    wrong = {"Authorization": "Bearer a-token-of-somebody-else"}
    for headers in ({}, wrong):
        for path in ("/", "/config", f"/gradio_api/file={file['path']}", "/studio/look.js"):
            answer = requests.get(address + path, headers=headers, timeout=TIMEOUT)
            assert answer.status_code == 401, path
        with photo.open("rb") as data:
            answer = requests.post(
                f"{address}/gradio_api/upload",
                files={"files": data},
                headers=headers,
                timeout=TIMEOUT,
            )
        assert answer.status_code == 401
        begun = requests.post(
            f"{address}/gradio_api/call/lesson",
            json={"data": [1, "print(1)"]},
            headers=headers,
            timeout=TIMEOUT,
        )
        assert begun.status_code == 401
        with pytest.raises(Exception, match="credentials were not provided"):
            gradio_client.Client(
                address, verbose=False, headers=headers, httpx_kwargs={"timeout": TIMEOUT}
            )
    browser = requests.Session()
    clean = browser.get(address.entry, timeout=TIMEOUT)
    assert (clean.status_code, clean.url) == (200, f"{address}/")
    assert browser.get(f"{address}/config", timeout=TIMEOUT).status_code == 200
    written = [folder.parent / "studio.log", *folder.glob("jobs/*/log.txt")]
    assert all(token not in path.read_text("utf-8") for path in written)
    assert token in (folder / "open.html").read_text("utf-8")


def test_two_gigabytes_are_refused_before_they_come(address: str) -> None:
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(
            f"POST /gradio_api/upload HTTP/1.1\r\nHost: {host}:{port}\r\n"
            f"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {2 << 30}\r\n\r\n"
            .encode()
        )  # fmt: skip
        assert connection.recv(64).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize("name", ["../evil/a.png", "a.png", ".ssh/a/b.png", "x/a/../../b.png"])
def test_a_folder_is_taken_in_only_below_the_data(address: str, folder: Path, name: str) -> None:
    answer = web.post(
        f"{address}/studio/folder/file", params={"path": name}, data=b"x", timeout=TIMEOUT
    )
    assert answer.status_code == 400
    assert not [*folder.glob("data/**/*.png")]


def test_a_folder_that_is_sent_lies_in_the_data(address: str, folder: Path, photo: Path) -> None:
    for name, status in {"set/cat/a.png": 200, "set/cat/run.exe": 415}.items():
        answer = web.post(
            f"{address}/studio/folder/file",
            params={"path": name},
            data=photo.read_bytes(),
            timeout=TIMEOUT,
        )
        assert answer.status_code == status
    assert (folder / "data/set/cat/a.png").read_bytes() == photo.read_bytes()
    assert [*folder.glob("data/**/*.exe")] == []


def test_fifty_visitors_at_once_are_all_served(address: str, photo: Path) -> None:
    file = sent(address, photo)
    answers: dict[int, str] = {}

    def visit(number: int) -> None:
        cookies = {"olhar_visitor": f"visitor-{number}"}
        answers[number] = ask(address, "inspect", [file], cookies=cookies)

    threads = [threading.Thread(target=visit, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(TIMEOUT)
    assert len(answers) == 50
    for told in answers.values():
        assert "event: complete" in told, told
        assert '"state": "nothing"' in told, "nothing is lost"
    assert web.get(address, timeout=TIMEOUT).status_code == 200
