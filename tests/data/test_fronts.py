"""Panels, bars, frames and drawers of rooms: closed forms, and the rooms they were drawn from."""

import numpy as np
import pytest
import torch

from lab.data.indoor import INDOOR
from lab.data.labels import IGNORE
from lab.data.parts import OF_ROOMS, fronts, parts, parts_through
from lab.data.parts.fronts import CHESTS, FLAT, cells
from lab.data.parts.inside import _FOCAL, Inside
from lab.data.parts.perspective import LOUD
from lab.data.rooms import Rooms, room
from lab.data.rooms.eye import first_met
from lab.data.rooms.render import _furnished

SIZE = (304, 224)
WALL, DOOR, CABINET = (INDOOR.index(name) for name in ("wall", "door", "cabinet"))


def seen(far: float, *, wide: float, high: float, turn: float, label: int) -> Inside:
    """An upright board in front of a level eye at half its height, `far` away and turned, and
    nothing else but wall: where rays from the eye meet it."""
    width, height = SIZE
    rows, columns = np.mgrid[:height, :width] + 0.5
    x, y = (columns - width / 2) / (_FOCAL * width), (rows - height / 2) / (_FOCAL * width)
    away = far / (1 - x * np.tan(turn))
    along, up = x * away / np.cos(turn), -y * away
    there = (np.abs(along) < wide / 2) & (np.abs(up) < high / 2)
    labels = np.where(there, label, WALL)
    return Inside(labels, np.where(there, 1000 * label, WALL), INDOOR)


def board(turn: float, shape: float) -> tuple[np.ndarray, np.ndarray, Inside]:
    """What is read of a door, and where on the board its pixels are: across and up."""
    width, height = SIZE
    far, high = 3.0, 1.6
    room = seen(far, wide=shape * high, high=high, turn=turn, label=DOOR)
    rows, columns = np.mgrid[:height, :width] + 0.5
    x, y = (columns - width / 2) / (_FOCAL * width), (rows - height / 2) / (_FOCAL * width)
    away = far / (1 - x * np.tan(turn))
    true = np.stack([x * away / np.cos(turn) / (shape * high / 2), 0.5 - y * away / high])
    return fronts.read(room), true, room


@pytest.mark.parametrize("turn", [-1.0, -0.5, 0.0, 0.3, 0.9])
def test_places_on_a_board_are_where_it_was_met(turn: float) -> None:
    """Within two pixels of the side that is seen farthest away."""
    read, true, room = board(turn, 0.8)
    here = room.labels == DOOR
    assert (read[6, here] == fronts.DOOR).all() and not read[:, ~here].any()
    assert np.abs(read[0] - true[0])[here].max() < 0.12
    assert np.abs(read[1] - true[1])[here].max() < 0.06
    assert np.abs(read[0] - true[0])[here].mean() < 0.04


@pytest.mark.parametrize("turn", [-0.8, 0.0, 0.4, 0.8])
@pytest.mark.parametrize("shape", [0.5, 1.0, 1.4])
def test_the_shape_of_a_board_is_its_own_however_it_is_turned(turn: float, shape: float) -> None:
    (front,) = board(turn, shape)[2].fronts(("door",), ())
    assert front.shape == pytest.approx(shape, rel=0.1)


def test_what_is_cut_by_the_picture_is_taken_to_be_flat() -> None:
    labels = np.full((60, 80), WALL)
    labels[30:, 20:60] = CABINET
    labels[30:40, 20:60] = np.where(np.arange(40) < np.arange(10)[:, None] * 2, WALL, CABINET)
    (front,) = Inside(labels, labels, INDOOR).fronts((), ("cabinet",))
    row = front.across[front.ys == 55]
    assert np.ptp(np.diff(row)) < 1e-6 and np.diff(row).mean() == pytest.approx(2 / 40, rel=0.02)


def test_of_a_corner_the_wider_side_is_the_front() -> None:
    labels = np.full((120, 160), WALL)
    for x in range(20, 140):
        foot = 100 - (100 - x) * 0.3 if x < 100 else 100 - (x - 100) * 0.5
        labels[40 : int(foot), x] = CABINET
    (front,) = Inside(labels, labels, INDOOR).fronts((), ("cabinet",))
    assert front.xs.min() == 20 and abs(front.xs.max() - 100) < 4


def whole(number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What is read of a drawn room, and of its flat fronts the true places on them: read
    (7, H, W), true (2, H, W), where these are known (H, W)."""
    ids, (made, eye) = room(number, SIZE), _furnished(number)
    solids = [solid for solid in made.stock.solids if solid.label != IGNORE]
    distance, what = first_met(made.size, solids, eye, SIZE)
    points = eye.start[..., None] + eye.rays(SIZE) * distance
    read = fronts.read(Inside(ids.labels.numpy(), ids.instances.numpy(), INDOOR))
    true, known = np.zeros((2, *what.shape)), np.zeros(what.shape, bool)
    for one in np.unique(what[what >= 0]):
        solid, here = solids[one], what == one
        flat = INDOOR[solid.label].name in ("door", "window", "picture", "mirror")
        alone = first_met(made.size, [solid], eye, SIZE)[1] == 0
        if not flat or here.sum() < 0.97 * alone.sum():
            continue
        if here[[0, -1]].any() or here[:, [0, -1]].any():
            continue
        spots = solid.spots(points[:, here])
        true[0, here], true[1, here] = spots.share[0], (spots.share[2] + 1) / 2
        known |= here
    return read, true, known


def test_places_on_what_hangs_in_drawn_rooms_are_the_true_ones() -> None:
    """Of all that are seen whole."""
    missed = []
    for number in range(40):
        read, true, known = whole(number)
        across = np.minimum(np.abs(read[0] - true[0]), np.abs(read[0] + true[0]))
        missed.append(np.maximum(across / 2, np.abs(read[1] - true[1]))[known])
    apart = np.concatenate(missed)
    assert len(apart) > 10_000
    assert np.median(apart) < 0.02 and np.mean(apart < 0.08) > 0.9


def test_hints_on_a_door_are_a_frame_four_panels_and_a_knob() -> None:
    read = torch.from_numpy(board(0.0, 0.45)[0])[None]
    frames, seams, held, handles = OF_ROOMS.waves(read)[0, OF_ROOMS.hints] / LOUD
    door = read[0, 6] > 0
    assert not held.any()
    assert 0.02 < frames[door].mean() < 0.2 and not (frames * seams).any()
    columns = door.nonzero()[:, 1]
    middle = int(columns.float().mean())
    assert not seams[:, middle].any()  # between left and right panels
    for x in (-0.42, 0.42):
        at = int(middle + x * (columns.max() - columns.min()) / 2)
        assert seams[:, at].diff().clamp_min(0).sum() == 4  # two edges of either panel
    assert handles.nonzero()[:, 1].float().mean() > middle


@pytest.mark.parametrize(("name", "shape"), [("dresser", 1.4), ("night stand", 0.8)])
def test_a_chest_shows_a_handle_for_every_drawer(name: str, shape: float) -> None:
    room = seen(2.0, wide=shape, high=1.0, turn=0.0, label=INDOOR.index(name))
    read = torch.from_numpy(fronts.read(room))[None]
    handles = fronts.waves(read)[0, -1] > 0
    columns, rows, doors = cells(name, shape)
    assert not doors
    runs = handles.any(0).float().diff(prepend=torch.zeros(1)).clamp_min(0).sum()
    assert runs == columns
    assert handles.any(1).float().diff(prepend=torch.zeros(1)).clamp_min(0).sum() == rows


def test_doors_hang_in_pairs_whose_handles_meet() -> None:
    read = torch.zeros(1, fronts.READ, 20, 400)
    read[:, 0] = torch.linspace(-1, 1, 400)
    read[:, 1] = torch.linspace(0.02, 0.98, 20)[:, None]
    for plane, value in zip(range(2, 7), (2.0, 0.5, 4, 1, fronts.DOORS), strict=True):
        read[:, plane] = value
    at = (fronts.waves(read)[0, -1] > 0).any(0).nonzero()[:, 0] / 400 * 4
    first, second = at[at < 1], at[(at > 1) & (at < 2)]
    assert first.min() > 0.7 and second.max() < 1.3
    torch.testing.assert_close(1 - first.mean(), second.mean() - 1, atol=0.02, rtol=0)


@pytest.mark.parametrize("name", [*FLAT, *CHESTS])
def test_fronts_are_cut_at_least_once_and_wider_ones_as_often(name: str) -> None:
    before = 0
    for shape in np.geomspace(0.05, 20, 60):
        columns, rows, _ = cells(name, float(shape))
        assert 1 <= columns <= 6 and 1 <= rows <= 7
        assert columns >= before
        before = columns


def test_hints_are_loud_and_only_on_fronts() -> None:
    ids = room(7, SIZE)
    told = OF_ROOMS.waves(parts(ids.labels[None], ids.instances[None], INDOOR))
    assert told.shape == (1, OF_ROOMS.planes, *SIZE[::-1])
    hints = told[:, OF_ROOMS.hints]
    assert set(hints.unique().tolist()) == {0.0, LOUD}
    others = [k for k in range(OF_ROOMS.planes) if k not in OF_ROOMS.hints]
    assert told[:, others].abs().max() <= 1
    classes = torch.tensor([INDOOR.index(name) for name in (*FLAT, *CHESTS)])
    assert not told[0, :, ~torch.isin(ids.labels, classes)].any()
    for name in ("bookshelf", "dresser", "window"):
        assert hints[0, :, ids.labels == INDOOR.index(name)].any()


def test_a_window_of_a_sample_shows_what_its_mirror_shows() -> None:
    ids = room(8, SIZE)
    maps, window = (ids.labels.numpy(), ids.instances.numpy()), (slice(20, 180), slice(30, 290))
    usual = parts_through(*maps, INDOOR, window)
    assert torch.equal(parts_through(*maps, INDOOR, window, mirror=True), usual.flip(-1))
    whole = parts(ids.labels[None], ids.instances[None], INDOOR)[0]
    assert torch.equal(usual, whole[:, window[0], window[1]])
    sample = Rooms(split="val", size=(128, 96), length=1, parts=True)[0]
    found = parts(sample["labels"][None], sample["instances"][None], INDOOR)[0]
    assert torch.equal(sample["places"][4:], found) and found.any()
