"""Films are swapped frame by frame: followed, by person, without a flicker and without a trace."""

import json
import re
from contextlib import suppress
from dataclasses import replace

import pytest
import torch
from torch import nn

from olhar.errors import OlharError
from olhar.faceswap import follow
from olhar.faceswap.align import aligned, cut
from olhar.faceswap.cast import Cast, wanted
from olhar.faceswap.detect import Find
from olhar.faceswap.faces import load
from olhar.faceswap.finder import Seen, see, see_frames
from olhar.faceswap.follow import followed
from olhar.faceswap.masks import LEFT_EYE, MOUTH, RIGHT_EYE
from olhar.faceswap.settings import Swap
from olhar.faceswap.swapping import Swapping
from olhar.media.process import LeftOut
from olhar.media.shots import shots
from olhar.samples.face import face

PLAIN = Swap(color="none", detail=0, blend="alpha")
HEIGHT, WIDTH = 144, 320


class Toy(nn.Module):
    """Rebuilds the one whose wall is like that of person 1; the other side is green."""

    def __init__(self, size=64):
        super().__init__()
        self.size = size
        self.tint = nn.Parameter(torch.tensor([0.3, 1.2, 0.3]))
        self.calls = []

    def forward(self, batch, to):
        self.calls.append((to, len(batch)))
        mask = torch.ones_like(batch[:, :1])
        if to == "a":
            return batch, mask
        return (batch * self.tint[:, None, None]).clamp(0, 1), mask


class Knows(Toy):
    """Rebuilds only faces as dark as person 3's."""

    def forward(self, batch, to):
        made, mask = super().forward(batch, to)
        if to == "a":
            light = batch[:, :, 20:44, 20:44].mean((1, 2, 3), keepdim=True)
            made = made + 4 * (light - self.light).clamp_min(0)
        return made, mask


def frame(*people, ground=0.5):
    """People from left to right, each (number, yaw)."""
    picture = torch.full((3, HEIGHT, WIDTH), ground)
    for place, (who, yaw) in enumerate(people):
        left = 8 + place * 160
        picture[:, 8:136, left : left + 128] = face(who, 128, yaw=yaw, scale=1.1)
    return picture


def work(network=None, settings=PLAIN, **values):
    return Swapping(network or Toy(), settings, **values)


def changed(before, after):
    return ((before - after).abs().amax(0) > 0).float()


@pytest.fixture(scope="module")
def turning():
    poses = {yaw: face(1, 128, yaw=yaw, scale=1.1) for yaw in (-12, -4, 4, 12)}
    frames = []
    for number in range(20):
        picture = torch.full((3, HEIGHT, WIDTH), 0.5)
        left = 20 + 3 * number
        picture[:, 8:136, left : left + 128] = poses[(-12, -4, 4, 12)[number // 2 % 4]]
        frames.append(picture)
    return frames


def test_every_frame_is_swapped_and_nothing_else_changes(turning):
    job = work(settings=replace(PLAIN, steady=30))  # which follows at once
    made = list(job.film(iter(turning)))
    assert len(made) == len(turning)
    assert job.tally.faces == {(1, "swapped"): 20}
    assert (job.tally.frames, job.tally.touched) == (20, 20)
    networks = load()
    sights = see_frames(shots(turning), networks)
    for before, after, (_, _, seen) in zip(turning, made, sights, strict=True):
        points = seen.points[0, :, :2]
        diff = changed(before, after)
        low, high = points.amin(0).floor().int() - 2, points.amax(0).ceil().int() + 2
        diff[low[1] - 6 : high[1], low[0] : high[0]] = 0  # the forehead goes on above the points
        assert not diff.any(), "bits changed outside the face"
        inner = points[[*LEFT_EYE, *RIGHT_EYE, *MOUTH]].long()
        now = after[:, inner[:, 1], inner[:, 0]]
        was = before[:, inner[:, 1], inner[:, 0]]
        assert float((now - was * Toy().tint[:, None].detach()).abs().mean()) < 0.06  # all green
    # One pass of eight frames each, besides those that ask who it is.
    assert [count for to, count in job.network.calls if count > 6] == [8, 8]


def test_the_swap_trembles_no_more_than_the_film(turning):
    generator = torch.Generator().manual_seed(2)
    noisy = [
        (each + 0.02 * torch.randn(each.shape, generator=generator)).clamp(0, 1)
        for each in [turning[4]] * 16
    ]

    class Same(Toy):
        def forward(self, batch, to):
            return batch, torch.ones_like(batch[:, :1])

    made = list(work(Same(96), Swap(detail=0)).film(iter(noisy)))  # no grain upon the grain
    networks = load()

    def trembling(frames):
        points = torch.stack([see(each, networks).points[0, :, :2] for each in frames])
        return float((points[2:] - 2 * points[1:-1] + points[:-2]).norm(dim=-1).mean())

    assert trembling(made) <= 1.2 * trembling(noisy)


def test_short_gaps_are_bridged_and_long_ones_are_not(monkeypatch):
    points = torch.rand(468, 3, generator=torch.Generator().manual_seed(0)) * 40
    there = [True] * 4 + [False] * 3 + [True] * 3 + [False] * 7 + [True] * 2 + [False] * 2

    def seen(frames, networks, find):
        for number, (image, shown) in enumerate(zip(frames, there, strict=False)):
            found = (points + 2.0 * number)[None] if shown else torch.zeros(0, 468, 3)
            yield image, number == 0, Seen(found, torch.ones(len(found)))

    monkeypatch.setattr(follow, "see_frames", seen)
    monkeypatch.setattr(follow, "shots", iter)
    frames = [torch.zeros(3, 8, 8) for _ in there]
    shown = list(followed(iter(frames), None, Find(), Swap(hold=5, steady=30)))
    assert [bool(each.faces) for each in shown] == [True] * 10 + [False] * 7 + [True] * 2 + [
        False
    ] * 2
    assert all(a.image is b for a, b in zip(shown, frames, strict=True))
    steps = torch.stack([each.faces[0].points[0, 0] for each in shown[3:8]]).diff()
    assert float(steps.min()) == pytest.approx(float(steps.max()), abs=1e-4)  # straight on
    none = list(followed(iter(frames), None, Find(), Swap(hold=0, steady=30)))
    assert [bool(each.faces) for each in none] == there


def test_a_cut_begins_anew(monkeypatch):
    points = torch.rand(1, 468, 3, generator=torch.Generator().manual_seed(0)) * 40
    seen = Seen(points, torch.ones(1))
    monkeypatch.setattr(follow, "see_frames", lambda frames, *_: ((*each, seen) for each in frames))
    monkeypatch.setattr(
        follow, "shots", lambda frames: ((f, n in {0, 3}) for n, f in enumerate(frames))
    )
    shown = followed((torch.zeros(3, 8, 8) for _ in range(5)), None, Find(), Swap())
    assert [each.faces[0].track for each in shown] == [0, 0, 0, 1, 1]


def test_of_two_people_the_one_whom_the_model_knows_is_swapped():
    both = frame((1, 0), (3, 0))
    network = Knows()
    network.light = 0.0
    dark = network.light = _light(both, 3)
    assert dark < _light(both, 1)
    job = work(network)
    made = job.picture(both)
    diff = changed(both, made)
    assert not diff[:, : WIDTH // 2].any()
    assert diff[:, WIDTH // 2 :].any()
    assert job.tally.became == {"swapped": 1, "left as they are": 1}


def test_strangers_together_stay_and_so_does_the_target():
    """Nobody is rebuilt well: nobody is swapped, unless it is said who."""

    class Strange(Toy):
        def forward(self, batch, to):
            made, mask = super().forward(batch, to)
            return (made if to == self.side else 1 - made), mask

    network = Strange()
    network.side = ""
    both = frame((1, 0), (3, 0))
    strangers = work(network)
    for _ in range(2):  # pictures of a folder, say: each tells of the people in it
        with pytest.raises(LeftOut) as told:
            strangers.picture(both)
        one, other = (
            rf"person {n}: 1 left as they are, first in frame 0 at \d+, \d+" for n in (1, 2)
        )
        sentence = (
            rf"shows no face that is swapped \({one}; {other}\), so it is left as it is; "
            "--person N swaps person N, if it is one of those who agreed"
        )
        assert re.fullmatch(sentence, str(told.value))
    assert changed(both, work(network, people=wanted(["1"], "b")).picture(both)).any()
    alone = frame((1, 0))
    assert changed(alone, work(network).picture(alone)).any()

    class Target(Toy):
        def forward(self, batch, to):
            return (batch if to == "b" else 1 - batch), torch.ones_like(batch[:, :1])

    with pytest.raises(LeftOut, match=r"\(person 1: 1 left as they are, first in"):
        work(Target()).picture(alone)
    assert changed(alone, work(Target(), to="a").picture(alone)).any()


def _light(picture, who):
    return float(face(who, 128, scale=1.1)[:, 40:90, 40:90].mean())


@pytest.mark.parametrize(
    ("people", "left", "right"),
    [(["1"], True, False), (["2"], False, True), (["0"], True, True), (["2:a", "1"], True, True)],
)
def test_who_is_swapped_can_be_said(people, left, right):
    both = frame((1, 0), (3, 0))
    large = both.clone()
    large[:, :, 160:] = 0.5
    large[:, 30:126, 200:296] = face(3, 96)  # smaller, so the second
    network = Toy()
    made = work(network, people=wanted(people, "b")).picture(large)
    diff = changed(large, made)
    assert diff[:, :160].any() == left
    if people == ["2:a", "1"]:  # the second goes to a, who is as before
        assert float((large - made)[:, :, 160:].abs().mean()) < 0.01
        assert network.calls[-2:] == [("a", 1), ("b", 1)]
    else:
        assert diff[:, 160:].any() == right


def test_who_is_swapped_in_a_film_keeps_their_number(turning):
    def film():
        for _ in range(12):
            yield frame((1, 0), (3, 0))

    job = work(people=wanted(["2"], "b"))
    first, *_, last = job.film(film())
    diff = [changed(frame((1, 0), (3, 0)), each) for each in (first, last)]
    sides = [(bool(d[:, :160].any()), bool(d[:, 160:].any())) for d in diff]
    assert sides[0] == sides[1]
    assert sum(sides[0]) == 1
    assert job.tally.faces == {(1, "left as they are"): 12, (2, "swapped"): 12}
    (one, other), said = (job.tally.as_dict()["first_seen"][n] for n in "12"), str(job.tally)
    assert one[0] == other[0] == 0
    for place, half, left in ((one, 160, sides[0][1]), (other, 160, sides[0][0])):
        assert (place[1] < half) == left  # the second is on the side that was swapped
    assert f"person 2: 12 swapped, first in frame 0 at {other[1]}, {other[2]}" in said


def test_a_film_that_goes_on_knows_whom_it_has_met():
    """Number 2 is number 2 still, though they are alone in the rest of the film."""
    people = wanted(["2"], "b")
    first = work(people=people)
    cast = Cast(first.network, "b", people)
    for _ in first.film((frame((1, 0), (3, 0)) for _ in range(4)), cast=cast):
        pass
    met = json.loads(json.dumps(cast.met()))
    touched = {}
    for who in (1, 3):
        on = work(people=people)
        with suppress(LeftOut):
            list(on.film(iter([frame((who, 0))] * 4), cast=Cast(on.network, "b", people, met)))
        touched[who] = on.tally.touched
    assert sorted(touched.values()) == [0, 4], "one of the two is number 2, alone or not"


def test_faces_that_turn_away_or_are_small_stay():
    picture = frame((1, 40))
    turned = r"swapped \(person 1: 1 turned away, first in [^)]*\), so it is left as it is$"
    with pytest.raises(LeftOut, match=turned):
        work(settings=Swap(turn=20)).picture(picture)
    with pytest.raises(LeftOut, match="1 too small"):
        work(settings=Swap(smallest=200)).picture(picture)
    with pytest.raises(LeftOut, match="shows no face"):
        work().picture(torch.full((3, 96, 96), 0.5))
    empty = work()
    with pytest.raises(LeftOut):
        list(empty.film(torch.full((3, 96, 96), 0.5) for _ in range(3)))


def test_a_face_that_turns_away_fades(turning):
    film = [frame((1, yaw)) for yaw in (0, 6, 12, 18, 24, 30)]
    job = work(settings=Swap(color="none", detail=0, blend="alpha", turn=24))
    made = list(job.film(iter(film)))
    much = [float((a - b).abs().max()) for a, b in zip(film, made, strict=True)]
    assert much[0] > 0.1
    assert much[-1] == 0
    assert any(0.02 * much[0] < each < 0.8 * much[0] for each in much)
    assert job.tally.became["turned away"] >= 1


@pytest.mark.parametrize("blend", ["bands", "alpha", "poisson"])
@pytest.mark.parametrize("color", ["transport", "reinhard", "histogram"])
def test_colours_of_the_shot_are_taken(blend, color):
    """The green face becomes nearly what it was: seams cannot be where there is no difference."""
    picture = frame((1, 0))
    made = work(settings=Swap(blend=blend, color=color, detail=0)).picture(picture)
    raw = work(settings=PLAIN).picture(picture)
    inside = changed(picture, raw) > 0
    assert inside.any()
    off, before = ((each - picture).abs().mean(0)[inside].mean() for each in (made, raw))
    assert float(off) < 0.25 * float(before)


def test_what_stands_before_a_face_is_kept():
    """A bar before the mouth: the model knows the face without it."""
    clean = frame((1, 0))
    held = clean.clone()
    bar = (slice(None), slice(84, 136), slice(66, 78))
    held[bar] = torch.tensor([0.1, 0.2, 0.7])[:, None, None]

    class Learned(Toy):
        def forward(self, batch, to):
            return super().forward(self.known.expand_as(batch), to)

    def swapped(picture, **changes):
        network = Learned()
        points = see(picture, load(), Find()).points[0]
        network.known = cut(clean, aligned(points, 64), 64)[None]
        return work(network, replace(PLAIN, **changes), people={1: "b"}).picture(picture)

    painted, kept = swapped(held), swapped(held, occlusion=0.5)
    hidden = changed(held, painted)[bar[1:]] > 0
    assert hidden.float().mean() > 0.3, "the bar is painted over"
    lost = [float((held - each)[bar].abs().mean()) for each in (painted, kept)]
    assert lost[1] < 0.05 * lost[0], "the bar stays"
    face = changed(held, painted).clone()
    face[:, 60:84] = 0
    assert (changed(held, kept) * face).sum() > 0.9 * face.sum(), "and the rest is swapped"
    both = swapped(clean), swapped(clean, occlusion=0.5)
    assert torch.equal(*both), "where nothing is before it, nothing is kept"


def test_people_are_named_by_numbers():
    assert wanted([], "a") == {}
    for bad in ("x", "2:c", "-1", ""):
        with pytest.raises(OlharError, match="there is no person"):
            wanted([bad], "b")


@pytest.mark.parametrize(("pixels", "limit"), [(20_000_000, 37), (8 * 144 * 144, 28)])
def test_memory_does_not_grow_with_the_film(monkeypatch, pixels, limit):
    """Frames that were given out are let go, whatever the length; fewer are held if large."""
    import weakref

    monkeypatch.setattr("olhar.faceswap.finder._PIXELS", pixels)
    alive, most, count = weakref.WeakSet(), 0, 0
    drawn = frame((1, 0))[:, :, :144]

    def film():
        for _ in range(70):
            image = drawn.clone()
            alive.add(image)
            yield image

    job = work()
    for count, made in enumerate(job.film(film()), 1):  # noqa: B007
        alive.add(made)
        most = max(most, len(alive))
    assert most <= limit
    assert count == job.tally.touched == 70
