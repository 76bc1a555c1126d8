"""The town: exact ids, true looks, one composition at every size, seeds that keep apart."""

from functools import cache

import numpy as np
import pytest
import torch

from lab.data.streets import STREETS
from lab.data.town import LOOKS, Scene, Town, layout, looks, scene
from lab.data.town.planner import plan
from lab.data.town.textures import SIDE, pulse, step, texture

SMALL = (128, 64)
SEEDS = range(20)


@cache
def street(seed: int, size: tuple[int, int] = SMALL) -> Scene:
    return scene(seed, size)


def means(
    wanted: tuple[str, ...], kind: str, size: tuple[int, int] = SMALL
) -> dict[str, torch.Tensor]:
    """Mean colour (3,) over all objects of a class that have a look, for several looks."""
    pixels: dict[str, list[torch.Tensor]] = {look: [] for look in wanted}
    for seed in SEEDS:
        drawn = street(seed, size)
        for identity, look in drawn.looks.items():
            inside = drawn.instances == identity
            if drawn.labels[inside][0] == STREETS.index(kind) and look in pixels:
                pixels[look].append(drawn.photo[:, inside])
    return {look: torch.cat(found, 1).mean(1) for look, found in pixels.items() if found}


@pytest.mark.parametrize("size", [(128, 64), (64, 48), (33, 71), (16, 16)])
def test_shapes_types_and_ranges(size: tuple[int, int]) -> None:
    drawn = scene(3, size)
    assert drawn.labels.shape == drawn.instances.shape == (size[1], size[0])
    assert drawn.labels.dtype == drawn.instances.dtype == torch.int64
    assert drawn.photo.shape == (3, size[1], size[0]) and drawn.photo.dtype == torch.float32
    assert drawn.photo.isfinite().all()
    assert drawn.photo.min() >= 0 and drawn.photo.max() <= 1


def test_the_same_arguments_give_the_same_bytes_and_no_global_seed_is_touched() -> None:
    np.random.seed(5)
    torch.manual_seed(5)
    state, torch_state = np.random.get_state()[1].copy(), torch.get_rng_state()
    first, second = scene(11, SMALL), scene(11, SMALL)
    assert torch.equal(first.instances, second.instances) and first.looks == second.looks
    assert first.photo.numpy().tobytes() == second.photo.numpy().tobytes()
    assert (np.random.get_state()[1] == state).all()
    assert torch.equal(torch.get_rng_state(), torch_state)


def test_other_seeds_are_other_streets() -> None:
    assert len({street(seed).instances.numpy().tobytes() for seed in SEEDS}) == len(SEEDS)


@pytest.mark.parametrize("seed", SEEDS)
def test_labels_follow_from_instances(seed: int) -> None:
    drawn = street(seed)
    objects = drawn.instances >= 1000
    assert torch.equal(drawn.labels[objects], drawn.instances[objects] // 1000)
    assert torch.equal(drawn.labels[~objects], drawn.instances[~objects])
    assert drawn.instances.max() < 65536
    STREETS.check(drawn.labels[None])
    countable = torch.tensor([label.countable for label in STREETS.labels])
    assert torch.equal(countable[drawn.labels], objects)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_instance_in_the_picture_has_a_look_of_its_class(seed: int) -> None:
    drawn = street(seed)
    assert set(drawn.looks) == set(drawn.instances.unique().tolist())
    for identity, look in drawn.looks.items():
        kind = STREETS.names[identity // 1000 if identity >= 1000 else identity]
        assert look in LOOKS[kind]


def test_true_looks_are_known_without_drawing_and_by_sample() -> None:
    town = Town(size=SMALL, length=3)
    for index in range(3):
        drawn, known = street(town.scene_seed(index)), town.looks(index)
        assert known == looks(town.scene_seed(index))
        assert drawn.looks.items() <= known.items()
    with pytest.raises(IndexError, match="samples 0 to 2, got 3"):
        town.looks(3)


def test_all_classes_appear_and_all_have_looks() -> None:
    seen = torch.cat([street(seed).labels.unique() for seed in SEEDS]).unique()
    assert seen.tolist() == list(range(len(STREETS)))
    assert set(LOOKS) == set(STREETS.names) and all(len(known) > 1 for known in LOOKS.values())


def test_all_looks_appear() -> None:
    found: dict[str, set[str]] = {kind: set() for kind in LOOKS}
    for seed in range(60):
        for identity, look in looks(seed).items():
            found[STREETS.names[identity // 1000 if identity >= 1000 else identity]].add(look)
    assert found == {kind: set(known) for kind, known in LOOKS.items()}


@pytest.mark.parametrize("size", [SMALL, (96, 72)])
def test_layout_gives_the_ids_of_the_scene(size: tuple[int, int]) -> None:
    for seed in range(6):
        drawn, ids = street(seed, size), layout(seed, size)
        assert torch.equal(drawn.instances, ids.instances)
        assert torch.equal(drawn.labels, ids.labels)


@pytest.mark.parametrize("times", [2, 4])
def test_one_composition_at_every_size(times: int) -> None:
    for seed in range(8):
        small, large = layout(seed, (256, 128)), layout(seed, (256 * times, 128 * times))
        fewer = large.labels[times // 2 :: times, times // 2 :: times]
        assert (fewer == small.labels).float().mean() > 0.97
        same = large.instances[times // 2 :: times, times // 2 :: times] == small.instances
        assert same.float().mean() > 0.96


@pytest.mark.parametrize("size", [(256, 192), (192, 192), (320, 128)])
def test_other_shapes_keep_proportions(size: tuple[int, int]) -> None:
    """A stop sign is as wide as high at any shape of the picture: pixels are square."""
    ratios = []
    for seed in range(10):
        ids = layout(seed, size)
        for identity in ids.instances[ids.labels == STREETS.index("sign")].unique().tolist():
            inside = (ids.instances == identity).nonzero()
            low, high = inside.min(0).values, inside.max(0).values + 1
            whole = (low > 0).all() and high[0] < size[1] and high[1] < size[0]
            if whole and high[0] - low[0] >= 8 and round_sign(seed, identity):
                ratios.append(((high[1] - low[1]) / (high[0] - low[0])).item())
    assert ratios and abs(float(np.median(ratios)) - 1) < 0.15


def round_sign(seed: int, identity: int) -> bool:
    signs = {t.number: t.look for t in plan(seed).front if t.kind == "sign"}
    return signs[identity % 1000] in ("stop", "limit")


def test_the_look_shows_in_the_photo() -> None:
    """Red cars are redder than blue ones, autumn is warmer than summer, and so on."""
    cars = means(("red", "blue", "white", "black"), "car")
    assert cars["red"][0] - cars["red"][2] > cars["blue"][0] - cars["blue"][2] + 0.1
    assert cars["white"].mean() > cars["black"].mean() + 0.1
    trees = means(("summer", "autumn"), "tree")
    assert trees["autumn"][0] - trees["autumn"][1] > trees["summer"][0] - trees["summer"][1] + 0.1
    roads = means(LOOKS["road"], "road")
    assert roads["brick"][0] - roads["brick"][2] > roads["asphalt"][0] - roads["asphalt"][2] + 0.1
    skies = means(("clear", "sunset"), "sky")
    assert skies["sunset"][0] > skies["sunset"][2] and skies["clear"][2] > skies["clear"][0]


@pytest.mark.parametrize("size", [(15, 64), (64, 15), (4097, 64)])
def test_sizes_out_of_range_are_refused(size: tuple[int, int]) -> None:
    sentence = rf"16 to 4096 pixels wide and high, got {size[0]}x{size[1]}; choose"
    for make in (scene, layout, lambda _, size: Town(size=size)):
        with pytest.raises(ValueError, match=sentence):
            make(0, size)


def test_negative_seeds_are_refused() -> None:
    for make in (scene, layout):
        with pytest.raises(ValueError, match="0 or more, got -1; pick"):
            make(-1, SMALL)
    with pytest.raises(ValueError, match="0 or more, got -1; pick"):
        Town(seed=-1)


def test_a_sample_is_its_scene() -> None:
    data = Town(size=SMALL, length=3)
    sample, drawn = data[2], scene(data.scene_seed(2), SMALL)
    assert torch.equal(sample["labels"], drawn.labels)
    assert torch.equal(sample["instances"], drawn.instances)
    assert (sample["photo"] - drawn.photo).abs().max() <= 0.5 / 255 + 1e-6
    assert len(data) == 3 and data.space is STREETS


def test_splits_and_seeds_share_no_scene() -> None:
    towns = [
        Town(split=split, seed=seed, length=50)
        for split in ("train", "val", "test")
        for seed in range(3)
    ]
    numbers = [town.scene_seed(index) for town in towns for index in range(50)]
    assert len(set(numbers)) == len(numbers)


def test_an_epoch_is_reproducible_and_another_shows_other_windows() -> None:
    first, second = (Town(size=SMALL, crop=(32, 32), flip=True, length=6) for _ in range(2))
    second.set_epoch(1)
    assert any(not torch.equal(first[i]["instances"], second[i]["instances"]) for i in range(6))
    first.set_epoch(1)
    for index in (4, 1, 1):
        a, b = first[index], second[index]
        assert a["name"] == b["name"]
        assert all(torch.equal(a[key], b[key]) for key in ("labels", "instances", "photo"))


def test_windows_are_cut_from_the_scene_in_step_and_show_two_classes() -> None:
    data = Town(size=SMALL, crop=(40, 24), length=4)
    for epoch in range(5):
        data.set_epoch(epoch)
        for index in range(4):
            sample, drawn = data[index], street(data.scene_seed(index))
            assert sample["photo"].shape == (3, 24, 40)
            assert len(sample["labels"].unique()) >= 2
            windows = drawn.instances.unfold(0, 24, 1).unfold(1, 40, 1)
            top, left = (windows == sample["instances"]).flatten(2).all(-1).nonzero()[0].tolist()
            photo = drawn.photo[:, top : top + 24, left : left + 40]
            assert (photo - sample["photo"]).abs().max() <= 0.5 / 255 + 1e-6


def test_mirrored_samples_are_mirror_images() -> None:
    plain, mirrored = Town(size=SMALL, length=1), Town(size=SMALL, length=1, flip=True)
    seen = set()
    for epoch in range(12):
        mirrored.set_epoch(epoch)
        turned = not torch.equal(mirrored[0]["instances"], plain[0]["instances"])
        seen.add(turned)
        for key in ("labels", "instances", "photo"):
            expected = plain[0][key].flip(-1) if turned else plain[0][key]
            assert torch.equal(mirrored[0][key], expected)
    assert seen == {True, False}


def test_memory_is_bounded_and_changes_nothing() -> None:
    short, long = Town(size=(32, 16), length=5, memory_scenes=2), Town(size=(32, 16), length=5)
    for index in (0, 1, 2, 0):
        assert torch.equal(short[index]["photo"], long[index]["photo"])
        assert len(short._memory) <= 2
    assert len(long._memory) == 3


def test_impossible_datasets_are_refused() -> None:
    with pytest.raises(ValueError, match="'trian' of the town; choose one of train, val, test"):
        Town(split="trian")
    with pytest.raises(ValueError, match="scene of 128x64, got 129x64; choose"):
        Town(size=SMALL, crop=(129, 64))
    with pytest.raises(ValueError, match="1 to 16777216 scenes, got length 0"):
        Town(length=0)
    with pytest.raises(IndexError, match="samples 0 to 2, got 3"):
        Town(length=3)[3]


def test_pulse_is_the_exact_average_of_its_indicator() -> None:
    """Against a Riemann sum; a window of one period gives the span's length anywhere."""
    x = np.linspace(-2, 3, 41, dtype=np.float32)
    for width in (0.02, 0.3, 1.0, 2.7):
        fine = x[:, None] + (np.arange(4000) + 0.5) / 4000 * width - width / 2
        inside = (fine % 1 >= 0.2) & (fine % 1 <= 0.65)
        assert np.abs(pulse(x, (0.2, 0.65), np.float32(width)) - inside.mean(1)).max() < 2e-3
    assert np.allclose(pulse(x, (0.2, 0.65), np.float32(1)), 0.45, atol=1e-5)


def test_step_is_the_exact_average_of_its_indicator() -> None:
    x = np.linspace(-1, 1, 21)
    fine = x[:, None] + (np.arange(2000) + 0.5) / 2000 * 0.5 - 0.25
    assert np.abs(step(x, np.float64(0.5)) - (fine > 0).mean(1)).max() < 1e-3


def test_textures_tile_and_fade_to_their_mean() -> None:
    rng = np.random.default_rng(0)
    u, v = (rng.random(200).astype(np.float32) for _ in range(2))
    sharp = np.full(200, 0.5 / SIDE, np.float32)
    wood = texture("wallbrick")
    near = wood.sample(u, v, sharp, sharp)
    whole = wood.sample(u, v, np.ones_like(u), np.ones_like(u))
    assert np.ptp(near, axis=0).max() > 0.1 and np.ptp(whole, axis=0).max() < 1e-6
    # Level 0 of the reductions is the tile itself, so its mean is that of the whole.
    tile = wood.texels[: SIDE * SIDE].mean(0, dtype=np.float64)
    assert np.allclose(whole[0], tile, atol=1e-4)
    centres = (np.arange(8, dtype=np.float32) + np.float32(0.5)) / SIDE
    place = (centres, centres, sharp[:8], sharp[:8])
    assert np.allclose(wood.sample(*place), wood.texels[np.arange(8) * SIDE + np.arange(8)])


def test_unknown_textures_are_named() -> None:
    with pytest.raises(KeyError, match="'velvet'; known are"):
        texture("velvet")
