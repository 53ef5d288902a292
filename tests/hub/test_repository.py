"""Repositories of the Hugging Face hub, here a folder: what goes up comes down, nothing else."""

import json
import shutil
import sys
from pathlib import Path

import pytest
import torch

import olhar
from olhar import catalogue, cli, hub
from olhar.autoencode.network import Autoencoder
from olhar.errors import OlharError
from olhar.hub import repository
from olhar.hub.readme import readme


class Site:
    """Does what olhar asks of `HfApi`, in a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.private = None
        self.asked = 0

    def create_repo(self, repo_id, *, private, exist_ok):
        self.private = private
        (self.root / repo_id).mkdir(parents=True, exist_ok=exist_ok)

    def create_commit(self, repo_id, operations, *, commit_message):
        for each in operations:
            content = each.path_or_fileobj
            content = content if isinstance(content, bytes) else Path(content).read_bytes()
            (self.root / repo_id / each.path_in_repo).write_bytes(content)

    def file_exists(self, repo_id, filename):
        self.asked += 1
        if not self.root.exists():
            raise ConnectionError("no network")
        return (self.root / repo_id / filename).exists()

    def hf_hub_download(self, repo_id, filename, *, local_dir):
        return shutil.copy(self.root / repo_id / filename, local_dir)


@pytest.fixture
def site(tmp_path, monkeypatch):
    monkeypatch.setenv("OLHAR_HOME", str(tmp_path / "home"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    found = Site(tmp_path / "site")
    monkeypatch.setattr(repository, "_api", lambda how: found)
    return found


@pytest.fixture
def model(tmp_path):
    torch.manual_seed(0)
    network = Autoencoder("dense", size=4, latent=3, widths=(5,))
    card = hub.Card(
        name="letters",
        kind="autoencoder",
        summary="Letters in\nthree numbers.",
        licence="MIT",
        origin="a test",
        arguments=network.arguments,
        metrics={"test": {"psnr": 21.5, "noisy_psnr": 9, "protocol": "none", "flag": True}},
        trained_on="7 <b>letters</b> | more",
        classes=("a", "b"),
    )
    return hub.save(tmp_path / "letters.safetensors", network.state_dict(), card)


def test_what_goes_up_comes_down(site, model, capsys):
    pytest.importorskip("huggingface_hub", reason="huggingface_hub is not installed")
    assert cli.main(["models", "push", str(model), "ana/letters", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"name": "letters", "address": "https://huggingface.co/ana/letters"}
    assert site.private is True
    assert "Letters in three numbers." in (site.root / "ana/letters/README.md").read_text("utf-8")
    network, same = olhar.load("ana/letters"), olhar.load(model)
    batch = torch.rand(2, 3, 4, 4)
    assert torch.equal(network(batch), same(batch))
    assert hub.find("ana/letters") == repository.kept("ana/letters")
    assert site.asked == 1, "it is kept"
    folder = repository.kept("ana/letters").parent
    assert [each.name for each in folder.iterdir()] == ["model.safetensors"]


def test_it_is_got_on_request_and_shown(site, model, capsys):
    (site.root / "ana/letters.v2").mkdir(parents=True)
    shutil.copy(model, site.root / "ana/letters.v2/model.safetensors")
    assert cli.main(["models", "get", "ana/letters.v2"]) == 0
    assert str(repository.kept("ana/letters.v2")) in capsys.readouterr().out
    assert cli.main(["models", "show", "ana/letters.v2", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["name"] == "letters"


@pytest.mark.parametrize("network", [False, True])
def test_what_cannot_be_had_is_a_sentence_that_says_what_to_put_where(site, network):
    if network:
        site.root.mkdir()
    with pytest.raises(OlharError) as error:
        olhar.load("ana/letters")
    text = str(error.value)
    assert "\n" not in text
    for part in (
        "no run folder or file ana/letters",
        "olhar models get ana/letters",
        "model.safetensors of https://huggingface.co/ana/letters",
        str(repository.kept("ana/letters")),
    ):
        assert part in text
    assert not repository.kept("ana/letters").exists()


def test_a_file_put_there_by_hand_is_enough(site, model):
    path = repository.kept("ana/letters")
    path.parent.mkdir(parents=True)
    shutil.copy(model, path)
    assert hub.load("ana/letters")[0].name == "letters"
    assert site.asked == 0


def test_what_is_no_model_does_not_stay(site):
    (site.root / "ana/other").mkdir(parents=True)
    (site.root / "ana/other/model.safetensors").write_bytes(b"something else")
    with pytest.raises(OlharError, match="no model of olhar's"):
        catalogue.get("ana/other")
    assert [*repository.kept("ana/other").parent.iterdir()] == []


def test_a_mistyped_run_folder_is_not_asked_for(site):
    Path("ours").mkdir()
    for name in ("ours/flowrs", "runs/flowers"):
        folder, run = name.split("/")
        with pytest.raises(OlharError, match=f"no {run} in the folder .*here.{folder}; if"):
            hub.find(name)
    assert site.asked == 0


def test_a_missing_package_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("OLHAR_HOME", str(tmp_path))
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(OlharError, match=r'pip install "olhar\[hub\]"; .* olhar models get a/b'):
        hub.find("a/b")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("models push", "needs a MODEL and OWNER/NAME"),
        ("models push {model}", "needs a MODEL and OWNER/NAME"),
        ("models push {model} letters", "'letters' is no name of a repository"),
        ("models push {model} ana/../bia", "is no name of a repository"),
        ("models get vgg16 ana/letters", "'ana/letters' is one too many"),
        ("models list vgg16", "takes no name"),
    ],
)
def test_a_mistake_is_a_sentence(site, model, capsys, line, says):
    assert cli.main(line.format(model=model).split()) == 2
    said = capsys.readouterr()
    assert says in said.err
    assert said.err.count("\n") == 1


def test_a_refused_upload_is_a_sentence(site, model, monkeypatch):
    pytest.importorskip("huggingface_hub", reason="huggingface_hub is not installed")

    def refuse(*_, **__):
        raise PermissionError("401 Unauthorized\nfor url x")

    monkeypatch.setattr(site, "create_repo", refuse)
    with pytest.raises(OlharError, match="hf auth login") as error:
        hub.push(model, "ana/letters")
    assert "\n" not in str(error.value)


# The page ------------------------------------------------------------------------------------


def header(page: str) -> dict:
    _, yaml, _ = page.split("---\n", 2)
    lines = [line.partition(": ") for line in yaml.splitlines()]
    return {key: json.loads(value) for key, _, value in lines}


def test_the_page_says_what_the_card_says(model):
    page = readme(hub.read_card(model), "ana/letters")
    assert header(page) == {
        "license": "mit",
        "library_name": "olhar",
        "pipeline_tag": "image-to-image",
        "tags": ["olhar", "autoencoder", "dense"],
    }
    for line in (
        "# letters",
        "Letters in three numbers.",
        'network = olhar.load("ana/letters")',
        "olhar reconstruct pictures/ -o kept.png --model ana/letters",
        "| psnr | 21.5 |",
        "| noisy psnr | 9 |",
        "7 &lt;b>letters&lt;/b> \\| more",
        "Classes: a, b",
        "- Licence: MIT",
    ):
        assert f"\n{line}\n" in page
    assert "flag" not in page


@pytest.mark.parametrize(
    ("licence", "name"),
    [("its maker's to choose", "its-maker-s-to-choose"), ('"\n: {', "unknown"), ("", "unknown")],
)
def test_another_licence_has_a_name(licence, name):
    card = hub.Card(name="x", kind="vae", summary="x", licence=licence, origin="x")
    told = header(readme(card, "a/b"))
    assert (told["license"], told["license_name"]) == ("other", name)


def test_every_bundled_model_has_a_page():
    for card in hub.bundled():
        page = readme(card, "a/b")
        assert header(page)["tags"][:2] == ["olhar", card.kind]
        assert "None" not in page
