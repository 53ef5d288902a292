"""Near-duplicates: what counts as the same picture, and that the index misses none."""

import io
import itertools

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from olhar.data.cache import Cache
from olhar.data.duplicates import NEAR, candidates, describe, near_duplicates


def scene(seed, side=96):
    """Some blobs of colour."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:side, :side] / side
    picture = np.full((side, side, 3), random.uniform(60, 200, 3))
    for _ in range(12):
        blob = np.exp(-((x - random.random()) ** 2 + (y - random.random()) ** 2) / 0.02)
        picture += blob[..., None] * random.uniform(-120, 120, 3)
    return Image.fromarray(picture.clip(0, 255).astype(np.uint8))


def jpeg(image, quality):
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def cached(*images, size=48):
    return Cache.of(np.stack([np.asarray(image.resize((size, size))) for image in images]))


def test_the_same_picture_again_is_found_and_others_are_not():
    scenes = [scene(seed) for seed in range(40)]
    again = [
        jpeg(scenes[3], 20),
        scenes[7].resize((40, 40)),
        ImageEnhance.Brightness(scenes[11]).enhance(0.85),
        jpeg(scenes[3].resize((64, 64)), 60),
    ]
    group = near_duplicates(cached(*scenes, *again))
    assert group[:40].tolist() == list(range(40))
    assert group[40:].tolist() == [3, 7, 11, 3]


def test_pictures_with_little_in_them_do_not_become_one_group():
    random = np.random.default_rng(0)
    flat = np.repeat(random.integers(40, 250, (60, 1, 1, 3)), 48, 1).repeat(48, 2)
    flat = (flat + random.normal(0, 2, flat.shape)).clip(0, 255).astype(np.uint8)
    goods = np.full((40, 48, 48, 3), 255, np.uint8)  # one thing each, in the middle of white
    for i, picture in enumerate(goods):
        picture[12:36, 12:36] = scene(i).resize((24, 24))
    group = near_duplicates(Cache.of(np.concatenate([flat, goods])))
    assert np.unique(group, return_counts=True)[1].max() <= 2
    assert len(np.unique(group)) > 90


def test_many_pictures_without_anything_in_them_are_one_group():
    pixels = np.zeros((20_000, 8, 8, 3), np.uint8)
    pixels[0] = pixels[7] = 90
    group = near_duplicates(Cache.of(pixels))
    assert group[7] == 0
    assert set(np.delete(group, [0, 7]).tolist()) == {1}


def test_groups_are_chains():
    frames = [
        scene(1).transform((96, 96), Image.Transform.AFFINE, (1, 0, i, 0, 1, 0)) for i in range(9)
    ]
    group = near_duplicates(cached(*frames, scene(2)))
    assert group.tolist() == [0] * 9 + [9]


@pytest.mark.parametrize("size", [20, 32, 47, 96])
def test_the_hash_does_not_depend_on_the_size(size):
    hashes, _ = describe(cached(*map(scene, range(20)), size=size))
    wanted, _ = describe(cached(*map(scene, range(20)), size=64))
    assert np.bitwise_count(hashes ^ wanted).max() <= NEAR
    far = [np.bitwise_count(a ^ b) for a, b in itertools.combinations(wanted, 2)]
    assert min(far) > NEAR


def test_hashes_stay_what_they_are():
    tiles = np.random.default_rng(5).integers(0, 256, (2, 8, 8, 3), dtype=np.uint8)
    hashes, thumbs = describe(Cache.of(tiles.repeat(6, 1).repeat(6, 2)))
    assert [hex(each) for each in hashes.tolist()] == ["0xce62d0a4fe85f22a", "0xe246927755b881fa"]
    np.testing.assert_allclose(thumbs, tiles.reshape(2, -1), atol=1e-3)


@pytest.mark.parametrize("count", [2, 400])
def test_the_index_finds_what_comparing_all_pairs_finds(count):
    random = np.random.default_rng(count)
    hashes = random.integers(0, 2**64, count, np.uint64)
    for i in range(1, count):  # half of them near another one
        if i % 2:
            flipped = random.choice(64, random.integers(0, 10), replace=False)
            hashes[i] = hashes[i - 1] ^ np.bitwise_or.reduce(
                np.uint64(1) << flipped.astype(np.uint64), initial=np.uint64(0)
            )
    found = {tuple(pair) for pairs in candidates(hashes) for pair in pairs.tolist()}
    wanted = {
        (a, b)
        for a, b in itertools.combinations(range(count), 2)
        if np.bitwise_count(hashes[a] ^ hashes[b]) <= NEAR
    }
    assert found == wanted
