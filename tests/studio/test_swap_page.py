"""The page for face swaps in a real browser and as programs call it; drawn people only."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

gradio_client = pytest.importorskip(
    "gradio_client", reason="the studio comes with the extra: pip install 'olhar[studio]'"
)

from olhar.media.credentials import declared  # noqa: E402
from olhar.media.image import write  # noqa: E402
from olhar.media.video import probe  # noqa: E402
from olhar.samples import PAINTINGS  # noqa: E402
from olhar.samples.face import face  # noqa: E402
from studio_served import Address, served  # noqa: E402
from studio_visitor import BROWSER, PATIENCE, Visitor  # noqa: E402

sys.path.append(str(Path(__file__).parents[1] / "media"))
import clips  # noqa: E402

pytestmark = pytest.mark.skipif(not BROWSER, reason="there is no Chromium on this machine")

COUNT = 10
SHOWN = "[role=tabpanel]:visible"
TINY = {"preset": "light", "size": 32, "epochs": 4, "evaluate_every": 1}


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of one drawn person, photographs of another, and a letter."""
    place = tmp_path_factory.mktemp("media")
    poses = [face(0, 128, yaw=-15.0 + 6 * n) for n in range(COUNT // 2)]
    arrays = [each.mul(255).byte().permute(1, 2, 0).contiguous().numpy() for each in poses]
    clips.make(
        place / "ana.mp4",
        [40 * n for n in range(COUNT)],
        size=(128, 128),
        picture=lambda n: arrays[n // 2],
    )
    for n in range(4):
        write(place / f"rui-{n}.png", face(2, 128, yaw=-12.0 + 8 * n), mark=None)
    (place / "letter.txt").write_text("We agree.")
    (place / "text.png").write_text("no picture")
    return place


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a studio that need not draw its paintings."""
    folder = tmp_path_factory.mktemp("swapping") / "studio"
    (folder / "drawn").mkdir(parents=True)
    for name in PAINTINGS:
        (folder / "drawn" / f"{name}.png").touch()
    return folder


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[Address]:
    with served(folder) as address:
        yield address


def step(page: Any, number: int) -> None:
    """Open one of the four steps."""
    tab = page.locator(f"button[role=tab]:has-text('{number} '):visible")
    tab.click()
    page.wait_for_selector(f"button[role=tab][aria-selected=true]:has-text('{number} ')")


def drop(page: Any, where: str, *paths: Path) -> None:
    """Send files to the first place of a part of the page, and wait until they are there."""
    part = page.locator(where)
    part.locator("input[type=file]").first.set_input_files(paths)
    part.locator(".file-preview").first.wait_for()


def bring(page: Any, side: str, *paths: Path) -> str:
    """Send clips of one person, whose set has its name by then; the column that they are in."""
    column = f".people > .column:has(#faces-{side})"
    name = page.locator(column).get_by_label(re.compile("Face set|Conjunto de rostos")).first
    page.wait_for_function("name => name.value", arg=name.element_handle())
    drop(page, column, *paths)
    return column


def cut_out(page: Any, side: str, *paths: Path) -> None:
    column = bring(page, side, *paths)
    page.locator(column).get_by_role("button", name="Cut the faces out").click()


def fill(page: Any, **values: Any) -> None:
    """Fill fields by their labels."""
    for label, value in values.items():
        field = page.locator(SHOWN).get_by_label(label.replace("_", " ")).first
        field.fill(str(value))
        field.blur()


def crops(page: Any, side: str, count: int) -> None:
    """Wait until so many faces are shown."""
    page.wait_for_function(
        "([side, count]) => document.querySelectorAll(`#faces-${side} .crop`).length === count",
        arg=[side, count],
    )


def test_two_people_trade_faces(
    visitor: Visitor, media: Path, folder: Path, tmp_path: Path
) -> None:
    page = visitor.open("swap")

    # Nothing is learned of nobody.
    step(page, 3)
    page.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_selector("#learned .failed:has-text('cut them out in step 1')")

    # Faces; one is taken out, seen among those left out, and brought back.
    step(page, 1)
    cut_out(page, "a", media / "ana.mp4")
    cut_out(page, "b", *sorted(media.glob("rui-*.png")))
    crops(page, "a", COUNT)
    crops(page, "b", 4)
    assert "Too few left profiles (0)" in page.inner_text("#faces-a .advice")
    first = page.locator("#faces-a .crop").first
    picture = page.request.get(visitor.address + first.locator("img").get_attribute("src"))
    assert picture.headers["content-type"] == "image/jpeg"
    first.locator("input").check()
    page.click("#faces-a [data-do=remove]")
    crops(page, "a", COUNT - 1)
    page.click("#faces-a .pill:has-text('Left out: 1')")
    crops(page, "a", 1)
    page.locator("#faces-a .crop input").check()
    page.click("#faces-a [data-do=back]")
    page.wait_for_selector("#faces-a .sheet-top:has-text('faces in the set: 10')")
    page.click("#faces-a .pill:has-text('In the set')")
    crops(page, "a", COUNT)
    boxes = page.locator("#faces-a .crop input")
    boxes.nth(1).click()
    boxes.nth(3).click(modifiers=["Shift"])
    assert page.locator("#faces-a .crop input:checked").count() == 3
    page.click("#faces-a [data-do=remove]")
    crops(page, "a", COUNT - 3)

    # They are there again after a reload.
    visitor.open("swap")
    crops(page, "a", COUNT - 3)
    crops(page, "b", 4)

    # Nothing is learned without consent.
    step(page, 3)
    page.wait_for_selector(".chosen .wrong:has-text('write the record in step 2')")
    page.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_selector("#learned .failed:has-text('without consent')")
    assert [*(folder / "runs").iterdir()] == []

    # The record.
    step(page, 2)
    fill(page, Name_of_person_A="Ana Souza", Name_of_person_B="Rui Costa")
    page.get_by_role("button", name="Write the record").click()
    page.wait_for_selector("text=the evidence is missing")
    until = page.locator(f"{SHOWN} input.time")
    until.fill("2099-12-31")
    until.blur()
    drop(page, SHOWN, media / "letter.txt")
    page.get_by_role("button", name="Write the record").click()
    page.wait_for_selector("#consent .record:has-text('Rui Costa')")
    with page.expect_download() as waiting:
        page.click("#consent a[download]")
    waiting.value.save_as(tmp_path / "consent.json")
    record = json.loads((tmp_path / "consent.json").read_text())
    number = page.get_attribute("#consent a[download]", "href").rpartition("/")[2]
    assert [each["name"] for each in record["people"]] == ["Ana Souza", "Rui Costa"]
    assert (record["scope"], record["until"]) == (["train", "swap"], "2099-12-31")

    # The training, left and found again.
    page.get_by_role("button", name="On to the training").click()
    page.wait_for_selector(".chosen:has-text('7 faces')")
    fill(page, Name_of_the_run="trade", Epochs=TINY["epochs"])
    page.locator(SHOWN).get_by_role("button", name="More settings").click()
    fill(page, Epochs_from=1, Size_of_the_faces=32)
    page.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_selector("#learned [role=progressbar], #learned .rows")
    visitor.open("swap")
    step(page, 3)
    page.wait_for_selector("#learned:has-text('Trained: trade') .rows img")
    assert page.locator("#learned .charts svg").count() >= 3
    assert page.locator("#learned .rows li").all_inner_texts() == [
        *("A", "A rebuilt", "A as B", "B", "B rebuilt", "B as A")
    ]

    # The swap: one frame first, then the film, with its label and its origin.
    page.get_by_role("button", name="On to the swap").click()
    page.wait_for_function("[...document.querySelectorAll('input')].some(i => i.value === 'trade')")
    page.wait_for_selector(".chosen.bare li:has-text('Person B') .strip img")
    page.get_by_role("button", name="Swap all of it").click()
    page.wait_for_selector("#swapped .failed:has-text('Drop a film or a photograph first')")
    drop(page, SHOWN, media / "ana.mp4")
    page.locator("input[aria-label*='Which frame to try']").first.wait_for()
    assert page.get_by_label("Visible label").is_disabled(), "the consent calls nothing artistic"
    page.get_by_role("button", name="Try one frame").click()
    page.wait_for_selector("#swapped .compare")
    page.get_by_role("button", name="Swap all of it").click()
    page.wait_for_selector("#swapped video")
    assert "10 of 10 frames have a swapped face" in page.inner_text("#swapped")
    with page.expect_download() as waiting:
        page.click("#swapped a.deed[download]")
    waiting.value.save_as(tmp_path / "swapped.mp4")
    assert probe(tmp_path / "swapped.mp4").width == 128
    said = repr(declared(tmp_path / "swapped.mp4"))
    assert number in said, "it names the consent by its number"
    assert "Souza" not in said, "and nobody by name"
    visitor.open("swap")
    step(page, 4)
    page.wait_for_selector("#swapped video")


def test_a_set_can_be_deleted_and_a_clip_that_is_none_is_told(
    visitor: Visitor, media: Path, folder: Path
) -> None:
    page = visitor.open("swap")
    crops(page, "a", 0)
    cut_out(page, "b", media / "text.png")
    page.wait_for_selector("#faces-b .failed:has-text('is a text, not a picture')")
    column = page.locator(".people > .column:has(#faces-a)")
    name = column.get_by_label("Face set").first
    name.fill("to go")
    name.press("Enter")
    cut_out(page, "a", media / "rui-0.png")
    crops(page, "a", 1)
    assert (folder / "faces" / "to go" / "faces.jsonl").is_file()
    page.once("dialog", lambda dialog: dialog.accept())
    page.click("#faces-a [data-do=delete]")
    page.wait_for_selector("#faces-a .empty")
    assert not (folder / "faces" / "to go").exists()


def test_it_speaks_portuguese_on_a_phone(browser: Any, address: Address, media: Path) -> None:
    someone = Visitor(browser, address, "pt-BR", 360)
    page = someone.open("swap")
    for number, words in enumerate(("Rostos", "Consentimento", "Treino", "Troca"), 1):
        tab = page.locator(f"button[role=tab]:has-text('{number} {words}'):visible")
        tab.click()  # all four are there, and none in a menu
        page.wait_for_selector(f"button[role=tab][aria-selected=true]:has-text('{words}')")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
    step(page, 3)
    page.get_by_role("button", name="Treinar", exact=True).click()
    page.wait_for_selector("#learned .failed")
    assert "Não deu certo" in page.inner_text("#learned .failed")
    assert "recorte-os no passo 1" in page.inner_text("#learned .failed")
    step(page, 1)
    bring(page, "a", media / "rui-1.png")
    page.get_by_role("button", name="Recortar os rostos").first.click()
    crops(page, "a", 1)
    assert "rostos no conjunto: 1" in page.inner_text("#faces-a")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    someone.close()


def test_programs_take_the_same_steps(
    address: Address, media: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    def program() -> Any:
        return gradio_client.Client(
            address,
            verbose=False,
            headers=address.headers,
            httpx_kwargs={"timeout": PATIENCE / 1000},  # not five seconds
            download_files=str(tmp_path_factory.mktemp("down")),
        )

    client = program()
    sent = gradio_client.handle_file

    def refused(why: str, **asked: Any) -> None:
        with pytest.raises(gradio_client.exceptions.AppError, match=why):
            client.predict(**asked)

    photos = [sent(path) for path in sorted(media.glob("rui-*.png"))]
    for name, files in {"one": [sent(media / "ana.mp4")], "two": photos}.items():
        told = client.predict(name=name, clips=files, most=100, api_name="/faces")
        assert told["faces"] == {"one": COUNT, "two": 4}[name]
    refused("is no name of a face set", name="../x", clips=photos, api_name="/faces")
    said = {"a": "one", "b": "two", "run": "programs", **TINY}
    refused("without consent", **said, consent=None, api_name="/train_faceswap")
    refused("without consent", **said, consent="../x", api_name="/train_faceswap")
    agreed = {"name_a": "Ana", "given_by_a": "", "name_b": "Rui", "given_by_b": "Eva"}
    until, proof = "2099-12-31", sent(media / "letter.txt")
    *_, told = client.predict(
        **agreed,
        scope=["train", "swap"],
        until=until,
        evidence=proof,
        artistic="A play.",
        api_name="/consent",
    )
    assert told["summary"].endswith("evidently artistic")
    learned = client.predict(**said, consent=told["consent"], api_name="/train_faceswap")
    assert (learned["run"], learned["why"]) == ("programs", "finished")
    client.close()
    client = program()  # which was not there when the model was trained
    swap = {"photo": photos[0], "run": "programs", "consent": told["consent"], "to": "a"}
    for where in ({"api_name": "/swap"}, {"position": 0, "api_name": "/swap_preview"}):
        made = client.predict(**swap, label=False, **where)
        assert told["sha256"] in repr(declared(Path(made)))
    client.close()
