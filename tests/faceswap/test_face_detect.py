"""Faces are found: large and small, upright and turned, in tiles, once each, and not elsewhere."""

import pytest
import torch
import torch.nn.functional as F

from olhar.errors import OlharError
from olhar.faceswap import faces as model
from olhar.faceswap.detect import Find, Found, detect, merge
from olhar.faceswap.finder import see, see_frames
from olhar.faceswap.landmarks import boxes_of, look, of_boxes, of_points
from olhar.faceswap.measure import appearance, pose, sharpness
from olhar.samples.face import face


@pytest.fixture(scope="module")
def faces():
    return model.load(device="cpu")


@pytest.fixture(scope="module")
def drawn():
    return face(0, 128)


def pasted(drawn, size, at, height=180, width=320):
    """A picture of nothing with a face, `size` pixels wide as a whole, at rows and columns."""
    picture = torch.full((3, height, width), 0.5)
    small = F.interpolate(drawn[None], (size, size), mode="bilinear", antialias=True)[0]
    picture[:, at[0] : at[0] + size, at[1] : at[1] + size] = small
    return picture


def one_shot(film):
    return ((image, n == 0) for n, image in enumerate(film))


def test_a_drawn_face_is_found_where_it_is(faces, drawn):
    picture = pasted(drawn, 128, (20, 150))
    (found,) = detect(picture[None], faces)
    assert len(found.scores) == 1
    middle = (found.boxes[0, :2] + found.boxes[0, 2:]) / 2
    assert float((middle - torch.tensor([150 + 64.0, 20 + 66.0])).abs().max()) < 10
    right, left = found.points[0, :2]
    assert right[0] < left[0]
    assert abs(float(right[1] - left[1])) < 4


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_turned_pictures_are_looked_at_from_all_sides(faces, drawn, quarters):
    upright = see(pasted(drawn, 128, (20, 150)), faces)
    turned = torch.rot90(pasted(drawn, 128, (20, 150)), quarters, (1, 2))
    seen = see(turned, faces)
    assert len(seen.presence) == 1
    x, y = upright.points[0, :, 0], upright.points[0, :, 1]
    places = {1: (y, 320 - x), 2: (320 - x, 180 - y), 3: (180 - y, x)}[quarters]
    gap = seen.points[0, :, :2] - torch.stack(places, 1)
    assert float(gap.square().sum(1).sqrt().mean()) < 2.0


def test_small_faces_are_found_in_large_pictures(faces, drawn):
    picture = pasted(drawn, 56, (200, 500), 360, 640)  # the face itself is 25 pixels wide
    seen = see(picture, faces, Find(turned=False))
    assert len(seen.presence) == 1
    left, top, right, bottom = boxes_of(seen.points)[0].tolist()
    assert 20 < right - left < 34
    assert 510 < left < right < 546
    assert 205 < top < bottom < 252


def test_tiles_find_what_lies_on_their_seams(faces, drawn):
    picture = pasted(drawn, 40, (60, 780), 128, 1600)
    find = Find(smallest=8, turned=False)
    (found,) = detect(picture[None], faces, find)
    assert len(found.scores) == 1
    assert 780 < float(found.boxes[0, 0]) < float(found.boxes[0, 2]) < 820


def test_two_people_are_two_faces(faces, drawn):
    picture = pasted(drawn, 128, (20, 10))
    picture[:, 40:140, 200:300] = F.interpolate(face(2, 128)[None], (100, 100))[0]
    seen = see(picture, faces)
    boxes = boxes_of(seen.points)
    assert len(boxes) == 2
    assert boxes[0, 2] < 150 < boxes[1, 0]  # the largest first


def test_nothing_is_found_in_nothing(faces):
    noise = torch.rand(1, 3, 96, 128, generator=torch.Generator().manual_seed(0))
    x = torch.linspace(0, 20, 128)
    waves = (0.5 + 0.5 * torch.sin(x + x[:96, None])).expand(1, 3, 96, 128)
    for picture in (torch.zeros(1, 3, 96, 128), noise, waves):
        seen = see(picture[0], faces)
        assert len(seen.presence) == 0


def test_heaps_become_their_weighted_mean():
    boxes = torch.tensor([[0.0, 0, 10, 10], [2, 0, 12, 10], [3, 3, 7, 7], [50, 50, 60, 60]])
    points = torch.arange(4.0)[:, None, None].expand(4, 6, 2)
    merged = merge(Found(boxes, points, torch.tensor([0.6, 0.3, 0.1, 0.8])))
    assert merged.scores.tolist() == pytest.approx([0.8, 0.6])
    assert merged.boxes[1].tolist() == pytest.approx([0.9, 0.3, 10.3, 9.7])  # inside counts too
    assert float(merged.points[1, 0, 0]) == pytest.approx(0.5)
    nothing = Found(torch.zeros(0, 4), torch.zeros(0, 6, 2), torch.zeros(0))
    assert len(merge(nothing).scores) == 0


def test_other_shapes_and_settings_are_refused(faces):
    with pytest.raises(OlharError, match=r"shape \(3, 4, 4\)"):
        detect(torch.zeros(3, 4, 4), faces)
    with pytest.raises(OlharError, match="under 8 pixels"):
        Find(smallest=7)
    with pytest.raises(OlharError, match="score is 2"):
        Find(score=2)


@pytest.mark.parametrize(("yaw", "roll"), [(0, 0), (-30, 0), (30, 0), (0, 25)])
def test_points_follow_the_pose(faces, yaw, roll):
    seen = see(face(1, 160, yaw=yaw, roll=roll), faces)
    found = pose(seen.points[0])
    assert found.yaw == pytest.approx(yaw, abs=7)
    assert found.roll == pytest.approx(roll, abs=4)
    up, down = (
        (pose(see(face(1, 160, pitch=pitch), faces).points[0]).pitch for pitch in (12, -12))
        if not yaw and not roll
        else (1, 0)
    )
    assert up > down


def test_points_say_how_far_a_mouth_is_open(faces):
    gaps = []
    for mouth in (0.0, 1.0):
        points = see(face(0, 192, mouth=mouth), faces).points[0]
        gaps.append(float((points[14] - points[13])[:2].square().sum().sqrt()))
    assert gaps[1] > gaps[0] + 3


def test_a_second_look_stays_where_the_first_was(faces, drawn):
    (found,) = detect(drawn[None], faces)
    first = look([drawn], of_boxes(found.boxes, found.points), faces)
    second = look([drawn], of_points(first.points), faces)
    assert float((second.points - first.points).abs().mean()) < 1.5
    assert float(second.presence) > 0.9
    assert look([], of_boxes(torch.zeros(0, 4), torch.zeros(0, 6, 2)), faces).points.shape[0] == 0


def test_films_are_searched_as_their_frames_are(faces, drawn):
    """Frames between those that are searched get the same; and faces that come and go are told."""
    empty = torch.full((3, 96, 160), 0.4)
    moving = [pasted(drawn, 90, (3, 2 * n), 96, 160) for n in range(20)]
    film = [*moving[:18], *[empty] * 3, *moving[:2]]
    seen = list(see_frames(one_shot(film), faces, Find(turned=False)))
    assert [image is frame for (image, _, _), frame in zip(seen, film, strict=True)] == [True] * 23
    assert [len(s.presence) for _, _, s in seen] == [1] * 18 + [0] * 3 + [1] * 2
    alone = see(film[8], faces)
    assert float((seen[8][2].points - alone.points)[..., :2].abs().mean()) < 0.7


@pytest.mark.parametrize(("aside", "down", "cut"), [(22, 0, False), (24, 30, True)])
def test_a_face_is_looked_at_where_it_is(faces, drawn, aside, down, cut):
    """Between two searches it may move fast, or there may be a shot of a few frames."""
    there = range(9, 14)
    film = [pasted(drawn, 90, (3, 4), 144, 160) for _ in range(17)]
    for n in there:
        film[n] = pasted(drawn, 90, (3 + down, 4 + aside), 144, 160)
    alone = see(film[there[0]], faces).points
    frames = ((image, n == 0 or (cut and n in {9, 14})) for n, image in enumerate(film))
    seen = [each for _, _, each in see_frames(frames, faces, Find(turned=False))]
    off = [float((seen[n].points - alone)[..., :2].abs().mean()) for n in there]
    assert max(off) < 0.5


def test_blur_is_measured(drawn):
    soft = F.avg_pool2d(drawn[None], 9, 1, 4)[0]
    assert sharpness(soft) < sharpness(drawn) / 3


def test_one_person_looks_more_alike_than_two():
    from olhar.faceswap.align import aligned, cut

    network = model.load(device="cpu")

    def crop(person, **how):
        image = face(person, 160, **how)
        return appearance(cut(image, aligned(see(image, network).points[0], 128), 128))

    one, again, other = crop(0), crop(0, mouth=0.3, yaw=5), crop(1)
    assert float(one @ one) == pytest.approx(1, abs=1e-5)
    assert float(one @ again) > float(one @ other)
