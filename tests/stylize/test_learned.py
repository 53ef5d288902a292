"""A style that is learned: the network, the training, and what is made with it."""

import json
from pathlib import Path
from unittest.mock import Mock

import av
import numpy as np
import pytest
import torch
from PIL import Image

import olhar
from olhar import cli, hub
from olhar.errors import OlharError
from olhar.look.messages import say
from olhar.media.color import srgb_to_lab
from olhar.media.credentials import declared
from olhar.media.image import read, write
from olhar.nets.vgg import bundled_vgg16
from olhar.samples import painting, photo
from olhar.stylize import recipe
from olhar.stylize.learned import bundled, is_learned, load
from olhar.stylize.network import Moments, gram_distance, moments
from olhar.stylize.recipe import Stylization, _moved, _unsteady
from olhar.stylize.stylizer import Stylizer
from olhar.training.events import Evaluated, Stopped
from olhar.training.fit import fit
from olhar.training.space import ranges


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pieces of the sample photographs."""
    folder = tmp_path_factory.mktemp("photographs")
    for name in ("coffee", "chelsea", "astronaut"):
        image = photo(name)
        for number in range(4):
            top, left = 60 * (number // 2), 150 * (number % 2)
            write(folder / f"{name} {number}.png", image[:, top : top + 128, left : left + 128])
    return folder


@pytest.fixture(scope="module")
def style(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("styles") / "glass.png"
    write(path, painting("glass", size=160))
    return path


@pytest.fixture(scope="module")
def trained(
    photographs: Path, style: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[dict[str, float]], str]:
    """A short training: its run, what was measured, and what was said of the data."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OLHAR_CACHE", str(tmp_path_factory.mktemp("cache")))
        run = tmp_path_factory.mktemp("runs") / "glass"
        small = {"start": "", "widths": (12, 16), "blocks": 1, "size": 64, "least": 60}
        chosen = small | {"stroke": 0.25, "epochs": 6}
        made = Stylization(data=photographs, style=(style,), **chosen, learning_rate=5e-3, ema=0.9)
        events = [*fit(made, run, device="cpu")]
    measured = [event.metrics for event in events if isinstance(event, Evaluated)]
    assert isinstance(events[-1], Stopped)
    return run, measured, events[0].described


@pytest.mark.parametrize("size", [(16, 16), (21, 30), (40, 17)])
def test_pictures_of_any_size_pass(size: tuple[int, int]) -> None:
    network = Stylizer((4, 8), 2).eval()
    made = network(torch.rand(2, 3, *size))
    assert made.shape == (2, 3, *size)
    assert 0 < made.min() <= made.max() < 1


def test_at_first_it_is_the_photograph_in_grey_and_no_pattern_of_blocks() -> None:
    """What the network adds is little, and for the four pixels of a block the same."""
    torch.manual_seed(0)
    image = photo("coffee")[None, :, :128, :128]
    grey = image.mean(1, keepdim=True).expand_as(image)
    made = Stylizer().eval()(image).detach()
    assert float(torch.corrcoef(torch.stack([made.flatten(), grey.flatten()]))[0, 1]) > 0.7
    added = made.logit() - (grey - 0.5)
    assert (added[:, :, ::2, ::2] - added[:, :, 1::2, 1::2]).abs().max() < 1e-4


def test_style_is_measured_picture_by_picture() -> None:
    features = torch.rand(3, 5, 6, 6)
    wanted = moments(torch.rand(1, 5, 4, 4))
    each = [
        gram_distance(Moments(*(m[i, None] for m in moments(features))), wanted) for i in range(3)
    ]
    assert gram_distance(moments(features), wanted) == pytest.approx(float(sum(each)) / 3)


def test_what_only_moves_is_steady() -> None:
    """Nothing but the noise is left of what a network that looks at single pixels makes."""
    images = torch.rand(2, 3, 48, 48)
    torch.manual_seed(3)
    pieces, rows, columns = _moved(images)
    assert pieces.shape[-2:] == images[:, :, rows, columns].shape[-2:]
    torch.manual_seed(3)
    noise = (pieces - images[:, :, rows, columns])[:, :, 12:-12, 12:-12]
    moved = _unsteady(lambda x: x, images, images)
    assert float(moved) == pytest.approx(float(noise.square().mean()), rel=1e-4)
    assert 0 < float(moved) < recipe._NOISE**2
    where = torch.linspace(0, 1, 48).expand(2, 3, 48, 48)  # which does not move along
    torch.manual_seed(3)
    assert float(_unsteady(lambda x: where[..., : x.shape[-2], : x.shape[-1]], images, where)) > 0


def test_it_learns(trained: tuple[Path, list[dict[str, float]], str]) -> None:
    run, measured, described = trained
    assert described == "11 photographs, measured on 1 others"
    assert measured[-1]["style"] < 0.7 * measured[0]["style"]
    assert {*measured[0]} == {"loss", "content", "style", "unsteady"}
    card = hub.read_card(run / "model.safetensors")
    assert card.kind == "stylizer"
    assert card.summary == "Learns to restyle any photograph after paintings in one pass."


def test_a_photograph_is_restyled_at_once(
    trained: tuple[Path, list[dict[str, float]], str], style: Path
) -> None:
    """Any size, the same each time, nearer to the painting's colours than the photograph was."""
    image = photo("coffee")
    made = olhar.stylize(image, trained[0], size=200)
    assert made.shape == (3, 133, 200)
    assert torch.equal(made, olhar.stylize(image, str(trained[0]), size=200))
    wanted = read(style).image.mean((1, 2))
    apart = [float((each.mean((1, 2)) - wanted).norm()) for each in (made, image)]
    assert apart[0] < apart[1]
    kept = olhar.stylize(image, trained[0], size=200, colors="content")
    small = torch.nn.functional.interpolate(image[None], (133, 200), mode="area")[0]
    hue = [srgb_to_lab(each)[1:] for each in (kept, small, made)]
    assert (hue[0] - hue[1]).abs().mean() < 0.5 * (hue[2] - hue[1]).abs().mean()


def test_what_was_chosen_in_the_training_is_refused(
    trained: tuple[Path, list[dict[str, float]], str],
) -> None:
    image = torch.rand(3, 32, 48)
    with pytest.raises(OlharError, match=r"strength is 2.0, and a style that was learned has its"):
        olhar.stylize(image, trained[0], strength=2.0)
    with pytest.raises(OlharError, match=r"shape \(3, 32\).* it must be \(3, H, W\)"):
        olhar.stylize(image[:, :, 0], trained[0])
    with pytest.raises(OlharError, match="64 x 2 pixels; its shorter side needs at least 16"):
        olhar.stylize(torch.rand(3, 10, 400), trained[0], size=64)
    with pytest.raises(
        OlharError, match=r"denoiser is an autoencoder; a style is learned by olhar"
    ):
        olhar.stylize(image, "denoiser")


def test_a_recipe_that_cannot_be_is_refused(
    photographs: Path, style: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLHAR_CACHE", str(tmp_path / "cache"))
    with pytest.raises(OlharError, match="no style was given"):
        Stylization(data=Path(), style=())
    with pytest.raises(OlharError, match=r"widths are \[8\]; give two"):
        Stylization(data=Path(), style=(style,), widths=(8,))
    with pytest.raises(OlharError, match="pieces of 8 pixels show no style"):
        Stylization(data=photographs, style=(style,), size=8).datasets()
    with pytest.raises(OlharError, match=r"there is no painting nowhere.png, and by it a style is"):
        Stylization(data=photographs, style=(Path("nowhere.png"),)).datasets()


def test_another_painting_is_another_training(
    photographs: Path, style: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLHAR_CACHE", str(tmp_path / "cache"))
    other = tmp_path / "ink.png"
    write(other, painting("ink", size=160))
    one, two = (Stylization(data=photographs, style=(path,)).datasets() for path in (style, other))
    assert one.fingerprint != two.fingerprint
    assert one.fingerprint.partition("-")[0] == two.fingerprint.partition("-")[0]


def test_it_goes_on_from_a_style_that_was_learned(
    trained: tuple[Path, list[dict[str, float]], str], photographs: Path, style: Path
) -> None:
    data = Mock()
    usual = Stylization(data=photographs, style=(style,))
    weights, night = (each.state_dict() for each in (usual.network(data), load("night", "cpu")))
    assert all(torch.equal(weights[name], night[name]) for name in night)
    chosen = usual.replace(start=str(trained[0]), widths=(12, 16), blocks=1)
    assert chosen.network(data).training
    with pytest.raises(OlharError, match="start is night, a network of other widths or blocks"):
        usual.replace(blocks=2).network(data)
    with pytest.raises(OlharError, match="denoiser is an autoencoder; a style is learned by"):
        usual.replace(start="denoiser").network(data)
    assert len(usual.replace(start="", blocks=2).network(data).blocks) == 2


def film(path: Path, frames: int = 6) -> Path:
    """A bright square that moves."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=12, pix_fmt="yuv420p")
        stream.width, stream.height = 96, 64
        for number in range(frames):
            pixels = np.full((64, 96, 3), (40, 90, 60), np.uint8)
            pixels[20:44, 10 + 6 * number : 34 + 6 * number] = (230, 200, 90)
            for packet in stream.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
    return path


def test_the_command_takes_a_style_that_was_learned(
    trained: tuple[Path, list[dict[str, float]], str], tmp_path: Path, capsys
) -> None:
    run = trained[0]
    write(tmp_path / "photo.png", photo("coffee")[:, :128, :192])
    words = ["stylize", str(tmp_path / "photo.png"), "--style", str(run), "--size", "96"]
    assert cli.main([*words, "-o", str(tmp_path / "made.png"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["done"]
    with Image.open(tmp_path / "made.png") as made:
        assert made.size == (96, 64)
    said = declared(tmp_path / "made.png")
    assert said is not None
    assert cli.main([*words, "--style", str(run), "x.png", "-o", str(tmp_path / "b.png")]) == 2
    assert "is not mixed with others" in capsys.readouterr().err
    assert cli.main([*words, "--stroke", "2", "-o", str(tmp_path / "b.png")]) == 2
    assert "stroke is 2.0, and a style that was learned has its own" in capsys.readouterr().err

    moving = film(tmp_path / "film.mp4")
    words = ["stylize", str(moving), "--style", str(run / "model.safetensors"), "--size", "96"]
    assert cli.main([*words, "-o", str(tmp_path / "made.mp4"), "--quiet"]) == 0
    with av.open(str(tmp_path / "made.mp4")) as container:
        assert sum(1 for _ in container.decode(video=0)) == 6


def test_what_is_a_style_and_what_is_a_painting(tmp_path: Path) -> None:
    (tmp_path / "wave 1.5").mkdir()
    assert is_learned(tmp_path / "wave 1.5")
    assert is_learned("wave.safetensors")
    assert is_learned("night")
    assert is_learned("ana/wave"), "a repository on the hub"
    assert not is_learned(tmp_path / "wave.jpg")
    assert not is_learned("paintings/wave.jpg")
    (tmp_path / "wave").write_bytes(b"a painting without a suffix")
    assert not is_learned(tmp_path / "wave")


def test_the_style_that_comes_along_is_small_described_and_the_painting_s() -> None:
    """Its pictures are as near to the drawn night as a painting's are, and still the photograph."""
    path = hub.find("night")
    card = hub.read_card(path)
    assert card.kind == "stylizer"
    assert path.stat().st_size <= 1e6
    assert card.licence == "Apache-2.0"
    assert "licence class" in card.trained_on
    assert is_learned(Path("night"))
    image = photo("coffee")
    made = olhar.stylize(image, "night")
    assert made.shape == (3, 341, 512)
    vgg = bundled_vgg16()
    wanted = moments(vgg(painting("night", size=512)[None], ["relu3_1"])["relu3_1"])
    with torch.no_grad():
        there = [moments(vgg(each[None], ["relu3_1"])["relu3_1"]) for each in (made, image)]
    assert gram_distance(there[0], wanted) < 0.3 * gram_distance(there[1], wanted)
    grey = torch.nn.functional.interpolate(image[None], (341, 512), mode="area")[0].mean(0)
    likeness = torch.corrcoef(torch.stack([made.mean(0).flatten(), grey.flatten()]))
    assert float(likeness[0, 1]) > 0.5


@pytest.mark.parametrize("name", bundled())
def test_each_style_that_came_along_keeps_the_photograph_and_has_a_name(name: str) -> None:
    image = photo("chelsea")
    made = olhar.stylize(image, name, size=192)
    grey = torch.nn.functional.interpolate(image[None], made.shape[1:], mode="area")[0].mean(0)
    likeness = torch.corrcoef(torch.stack([made.mean(0).flatten(), grey.flatten()]))
    assert float(likeness[0, 1]) > 0.5
    assert say(f"painting.{name}").portuguese


def test_what_says_the_loss_is_not_searched() -> None:
    names = {each.name for each in ranges(Stylization(data=Path(), style=(Path("a.png"),)))}
    assert "learning_rate" in names
    assert not names & {*Stylization.objective}


def test_a_style_is_measured_by_its_own_painting(
    trained: tuple[Path, list[dict[str, float]], str],
    photographs: Path,
    style: Path,
    tmp_path: Path,
    capsys,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A run knows where that is; of a file, or two paintings, nobody is misled."""
    monkeypatch.setenv("OLHAR_CACHE", str(tmp_path / "cache"))
    run, data = str(trained[0]), str(photographs)
    figures: list[dict[str, object]] = []
    for _ in range(2):
        assert cli.main(["evaluate", run, data, "--json"]) == 0
        figures.append(json.loads(capsys.readouterr().out))
    assert figures[0] == figures[1]
    assert cli.main(["evaluate", "night", data]) == 2
    assert "night is measured by the style that it was trained with" in capsys.readouterr().err
    strong = Stylization(
        data=photographs, style=(style,), start="", widths=(4, 4), blocks=1, size=64,
        least=8, epochs=1, stroke=0.25, strength=3.0,
    )  # fmt: skip
    for _ in fit(strong, tmp_path / "strong", device="cpu"):
        pass
    assert cli.main(["compare", run, str(tmp_path / "strong"), "--data", data]) == 2
    assert "was trained with strength 1.0 and strong with 3.0" in capsys.readouterr().err
