"""In a browser: models compared and exported, a folder packed, a film coloured."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

pytest.importorskip("gradio", reason="the studio comes with the extra: pip install 'olhar[studio]'")

from olhar.classify.recipe import Classifier
from olhar.codec import open_packed
from olhar.hub import read_card
from olhar.media.credentials import declared
from olhar.training.fit import fit
from studio_served import Address, served
from studio_visitor import BROWSER, Visitor, chosen

pytestmark = pytest.mark.skipif(not BROWSER, reason="there is no Chromium on this machine")

RATE = 8000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a studio with two models, of which one has learned."""
    root = tmp_path_factory.mktemp("trained") / "studio"
    rng = np.random.default_rng(0)
    for name, light in (("dark", 40), ("light", 210)):
        (root / "data" / "tones" / name).mkdir(parents=True)
        for number in range(20):
            pixels = (light + rng.normal(0, 12, (16, 16, 3))).clip(0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(root / "data" / "tones" / name / f"{number}.png")
    for name, epochs in (("learned", 8), ("not yet", 1)):
        recipe = Classifier(
            data=root / "data" / "tones", architecture="mlp", size=16, epochs=epochs, seed=1
        )
        for _ in fit(recipe, root / "runs" / name):
            pass
    return root


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[Address]:
    with served(folder) as address:
        yield address


def downloaded(page: Any, link: Any, path: Path) -> Path:
    with page.expect_download() as waiting:
        link.click()
    waiting.value.save_as(path)
    return path


def test_two_models_are_compared(visitor: Visitor) -> None:
    page = visitor.open("runs")
    chosen(page, "The first", "learned")
    chosen(page, "The second", "not yet")
    page.get_by_role("button", name="Compare", exact=True).click()
    told = page.wait_for_selector(".said").inner_text()
    assert "learned" in told
    assert "not yet" in told
    assert "accuracy" in told


def test_a_comparison_with_nothing_is_refused_in_words(visitor: Visitor) -> None:
    page = visitor.open("runs")
    chosen(page, "The first", "learned")
    page.get_by_role("button", name="Compare", exact=True).click()
    page.wait_for_selector("text=two runs are compared; choose both")


def test_a_model_is_exported_and_downloaded_and_what_it_took_is_forgotten(
    visitor: Visitor, tmp_path: Path, folder: Path
) -> None:
    pytest.importorskip(
        "onnxscript", reason="exports come with the extra: pip install 'olhar[fast]'"
    )
    page = visitor.open("runs")
    page.locator(".card:has(h3:text-is('learned'))").get_by_role("button", name="Export").click()
    card = page.locator(".card:has(h3:has-text('Exporting'))")
    link = card.locator("a[download]")
    link.wait_for()
    made = downloaded(page, link, tmp_path / "learned.onnx")
    assert read_card(made).kind == "classifier"
    (job,) = [path for path in folder.glob("jobs/*") if (path / "out" / "learned.onnx").is_file()]
    page.once("dialog", lambda dialog: dialog.accept())
    card.get_by_role("button", name="Delete").click()
    card.wait_for(state="detached")
    assert not job.exists()


def test_a_folder_is_packed_compared_and_downloaded(visitor: Visitor, tmp_path: Path) -> None:
    page = visitor.open("pack")
    page.wait_for_function("[...document.querySelectorAll('input')].some(i => i.value === 'tones')")
    page.get_by_role("button", name="Pack", exact=True).click()
    page.get_by_role("slider", name="Before and after").wait_for()
    shown = page.inner_text(".figures")
    assert "pictures\n40" in shown
    made = downloaded(page, page.locator("a.deed[download]"), tmp_path / "tones.olhar")
    assert open_packed(made).names[0] == "dark/0.png"
    assert f"{made.stat().st_size / 1e3:.1f}\u00a0kB" in shown
    page.reload()
    page.get_by_role("slider", name="Before and after").wait_for()


def film(path: Path, frames: int = 12) -> Path:
    """A grey film of a bright ball that falls, with a tone."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=12, pix_fmt="yuv420p")
        video.width, video.height = 64, 48
        sound = container.add_stream("aac", rate=RATE, layout="mono")
        y, x = np.mgrid[0:48, 0:64]
        for number in range(frames):
            grey = 60 + y + 120 * ((x - 30) ** 2 + (y - 4 - 3 * number) ** 2 < 60)
            pixels = np.repeat(grey.clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)
            for packet in video.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")):
                container.mux(packet)
        tone = 0.3 * np.sin(2 * np.pi * 440 / RATE * np.arange(RATE * frames // 12))
        wave = av.AudioFrame.from_ndarray(tone.astype(np.float32)[None], "fltp", "mono")
        wave.sample_rate, wave.pts, wave.time_base = RATE, 0, Fraction(1, RATE)
        for stream, last in ((sound, wave), (sound, None), (video, None)):
            for packet in stream.encode(last):
                container.mux(packet)
    return path


def packets(path: Path) -> bytes:
    """The sound of a film, as it is stored."""
    with av.open(str(path)) as container:
        return b"".join(bytes(packet) for packet in container.demux(audio=0))


def test_a_film_is_coloured_shown_and_downloaded_with_its_sound(
    visitor: Visitor, tmp_path: Path
) -> None:
    page = visitor.open("")
    page.set_input_files("input[type=file]", film(tmp_path / "ball.mp4"))
    page.wait_for_selector("video")
    assert page.get_by_role("button", name="Choose colours").count() == 0
    page.wait_for_function("document.querySelector('video').videoWidth === 64")
    link = page.locator("a.deed[download]")
    made = downloaded(page, link, tmp_path / "coloured.mp4")
    with av.open(str(made)) as container:
        assert [stream.type for stream in container.streams] == ["video", "audio"]
        seen = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert len(seen) == 12
    assert max(int(np.ptp(frame.astype(int), axis=2).max()) for frame in seen) > 12, "in colour"
    sounds = [packets(made), packets(tmp_path / "ball.mp4")]
    assert sounds[0] == sounds[1], "the sound is the same, byte for byte"
    assert declared(made).state == "trusted"
    page.reload()
    page.wait_for_selector("video")
