"""pix2pixHD as it is used."""

import pytest
import torch
from torch import Tensor, nn

from lab.data.labels import IGNORE, LabelSpace
from lab.interfaces import Layout, Synthesizer
from lab.models.pix2pixhd import (
    EncoderConfig,
    FeatureEncoder,
    GeneratorConfig,
    build_generator,
    pool_by_instance,
)
from lab.models.styles import StyleBank, StyleBankConfig
from lab.pipelines.synthesis import SynthesisPipeline, object_labels

CLUSTERS = 5


def make(
    space: LabelSpace, enhancers: int = 1, *, style: bool = True, padding: str = "zeros"
) -> SynthesisPipeline:
    """Width 4; class k has k clusters (the sky none); weights that draw more than grey."""
    inputs = len(space) + 1 + 3 * style
    shape = {"width": 4, "downsamplings": 2, "blocks": 1, "kernel": 3}
    config = GeneratorConfig(inputs, enhancers=enhancers, padding=padding, **shape)
    networks = [build_generator(config).eval(), None, None]
    if style:
        networks[1] = FeatureEncoder(EncoderConfig(width=4, downsamplings=2, kernel=3)).eval()
        networks[2] = StyleBank(StyleBankConfig(len(space), CLUSTERS, 3))
        networks[2].centers.uniform_(-1, 1)
        networks[2].counts.copy_(torch.arange(len(space)))
    for network in networks[:2]:
        for parameter in network.parameters() if network else ():
            nn.init.normal_(parameter, 0, 0.3)
    return SynthesisPipeline(*networks, space=space, native_size=(64, 32))


@pytest.fixture
def pipeline(tiny_space) -> SynthesisPipeline:
    return make(tiny_space)


@pytest.fixture
def layout(tiny_layout, tiny_space) -> Layout:
    return Layout(*tiny_layout, tiny_space)


def stripes(space: LabelSpace, height: int, width: int) -> Layout:
    """Any size: bands of every class, one car, and a corner nobody labelled."""
    labels = (torch.arange(height) * len(space) // height)[:, None].repeat(1, width)[None]
    labels[..., : height // 8, : width // 8] = IGNORE
    instances = labels.clone()
    labels[..., height // 2 :, width // 2 :] = 5
    instances[..., height // 2 :, width // 2 :] = 5000
    return Layout(labels, instances, space)


def framed(pipeline: SynthesisPipeline, x: Tensor, layout: Layout) -> Tensor:
    """What lies within the frame that is drawn and cut off."""
    (width, height), frame = layout.size, pipeline.frame
    return x[..., frame : frame + height, frame : frame + width]


# --- sizes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(16, 16), (17, 31), (40, 9), (250, 330)])
@pytest.mark.parametrize("enhancers", [0, 1, 2])
@pytest.mark.parametrize("padding", ["zeros", "reflect"])
def test_any_size_comes_back_as_it_was(tiny_space, enhancers: int, size, padding: str) -> None:
    pipeline, layout = make(tiny_space, enhancers, padding=padding), stripes(tiny_space, *size)
    picture = pipeline(layout, seed=0)
    assert picture.shape == (1, 3, *size)
    assert picture.dtype == torch.float32
    assert picture.min() >= 0 and picture.max() <= 1 and picture.std() > 0.01
    if size[0] * size[1] < 10_000:
        photo = torch.rand(1, 3, *size)
        assert pipeline.encode(photo, layout).shape == (1, 3, *size)
        assert pipeline.redraw(photo, layout).shape == photo.shape
    small = tuple(-(-side // 2**enhancers) for side in size)
    assert pipeline.coarse(layout, seed=0).shape == (1, 3, *small)


def test_padding_repeats_the_border_and_changes_nothing_inside(pipeline, layout) -> None:
    condition = pipeline.condition(layout)
    assert pipeline.frame == 8
    assert condition.shape == (1, len(pipeline.space) + 1 + 3, 32 + 16, 64 + 16)
    cut = Layout(layout.labels[:, :29, :61], layout.instances[:, :29, :61], layout.space)
    padded = pipeline.condition(cut)
    assert padded.shape == condition.shape
    assert torch.equal(padded[..., : 8 + 28, : 8 + 60], condition[..., : 8 + 28, : 8 + 60])
    maps = padded[:, [0, 1, 2, 3, 4, 5, 7, 8, 9]]  # without the boundaries
    assert torch.equal(maps[..., 8 + 29 :, :], maps[..., 8 + 28 : 8 + 29, :].expand(-1, -1, 11, -1))
    assert torch.equal(maps[..., 8 + 61 :], maps[..., 8 + 60 : 8 + 61].expand(-1, -1, -1, 11))
    assert torch.equal(maps[..., :8, :], maps[..., 8:9, :].expand(-1, -1, 8, -1))
    assert torch.equal(maps[..., :8], maps[..., 8:9].expand(-1, -1, -1, 8))
    # Where the padding begins is no edge of an object.
    assert not padded[0, 6, 8 + 28 :, 8 + 61 :].any() and not padded[0, 6, :8, :8].any()


# --- the condition -------------------------------------------------------------------------------


def test_the_condition_is_one_hot_then_boundary_then_style(pipeline, tiny_space) -> None:
    layout = stripes(tiny_space, 24, 40)
    choice = {1: 0, 2: 1, 3: 2, 4: 3, 5: 1, 5000: 4}
    condition = framed(pipeline, pipeline.condition(layout, styles=choice), layout)
    labelled = layout.labels != IGNORE
    assert torch.equal(condition[:, :6].sum(1), labelled.float())
    assert torch.equal(condition[:, :6].argmax(1)[labelled], layout.labels[labelled])
    ids = layout.instances[0]
    for row in range(24):
        for column in range(40):
            near = [(row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)]
            near = [(r, c) for r, c in near if 0 <= r < 24 and 0 <= c < 40]
            edge = any(ids[r, c] != ids[row, column] for r, c in near)
            assert condition[0, 6, row, column] == edge
    for instance, cluster in choice.items():
        label = instance // 1000 or instance
        inside = condition[0, 7:][:, ids == instance]
        center = pipeline.bank.centers[label, cluster]
        assert torch.equal(inside, center[:, None].expand_as(inside))


def test_a_generator_without_styles_draws_too(tiny_space, layout) -> None:
    pipeline = make(tiny_space, style=False)
    assert pipeline.choose(layout, seed=3) == {}
    assert torch.equal(pipeline(layout, seed=1), pipeline(layout, seed=2))
    with pytest.raises(ValueError, match="no encoder"):
        pipeline.encode(torch.rand(1, 3, 32, 64), layout)
    with pytest.raises(ValueError, match="no style bank"):
        pipeline.assign(torch.rand(1, 3, 32, 64), layout)


# --- looks ---------------------------------------------------------------------------------------


def test_the_same_call_gives_the_same_bytes(pipeline, layout) -> None:
    before = torch.get_rng_state()
    pictures = [pipeline(layout, seed=seed) for seed in (7, 7, 8, None, None)]
    assert torch.equal(torch.get_rng_state(), before)  # the seed is the call's own
    assert torch.equal(pictures[0], pictures[1]) and torch.equal(pictures[3], pictures[4])
    assert not torch.equal(pictures[0], pictures[2])


def test_without_a_seed_every_object_has_the_largest_cluster(pipeline, layout) -> None:
    choice = pipeline.choose(layout)
    assert choice == dict.fromkeys([0, 1, 2, 3, 4000, 4001, 5000, 5001], 0)


def test_seeds_draw_every_cluster_of_a_class_and_no_other(pipeline, layout) -> None:
    seen: dict[int, set[int]] = {}
    for seed in range(60):
        for instance, cluster in pipeline.choose(layout, seed=seed).items():
            seen.setdefault(instance, set()).add(cluster)
    assert seen[0] == {0}  # the sky has no clusters
    for instance in (1, 2, 3, 4000, 5001):
        assert seen[instance] == set(range(instance // 1000 or instance))


@pytest.mark.parametrize("added", [5002, 7])
def test_an_object_more_leaves_the_looks_of_the_others(pipeline, layout, tiny_space, added) -> None:
    labels, instances = layout.labels.clone(), layout.instances.clone()
    labels[:, 2:6, 2:10], instances[:, 2:6, 2:10] = 5, added
    more = Layout(labels, instances, tiny_space)
    for seed in range(5):
        before, after = pipeline.choose(layout, seed=seed), pipeline.choose(more, seed=seed)
        assert set(after) - set(before) == {added}
        assert {k: after[k] for k in before} == before


def test_given_styles_are_kept_and_the_rest_is_drawn(pipeline, layout) -> None:
    drawn = pipeline.choose(layout, seed=3)
    given = {5000: (drawn[5000] + 1) % 5, 77: 2}  # 77 is nowhere in the layout
    assert pipeline.choose(layout, given, 3) == drawn | {5000: given[5000]}
    one = pipeline.condition(layout, styles=given, seed=3)
    changed = framed(pipeline, (one != pipeline.condition(layout, seed=3)).any(1), layout)
    assert torch.equal(changed, layout.instances == 5000)
    assert torch.equal(pipeline(layout, styles=drawn), pipeline(layout, seed=3))


def test_a_cluster_the_class_lacks_is_named(pipeline, layout) -> None:
    with pytest.raises(ValueError, match=r"Object 4001 of class 4 was given style 4; .* 0 to 3"):
        pipeline(layout, styles={4001: 4})


def test_unknown_labels_are_named_with_the_table(pipeline, layout) -> None:
    layout.labels[0, 0, 0] = 6
    for draw in (pipeline, pipeline.coarse):
        with pytest.raises(ValueError, match="does not have: 6; expected 0 sky, 1 building"):
            draw(layout)
    with pytest.raises(ValueError, match="does not have: 6"):
        pipeline.redraw(torch.rand(1, 3, 32, 64), layout)


def test_objects_have_the_class_that_most_of_them_shows(tiny_space) -> None:
    labels = torch.tensor([[[5, 5, 4, IGNORE, IGNORE, IGNORE, 2]]])
    instances = torch.tensor([[[9, 9, 9, 9, 9, 9, 70000]]])
    assert object_labels(Layout(labels, instances, tiny_space)) == {9: 5, 70000: 2}
    nothing = Layout(torch.full_like(labels, IGNORE), instances, tiny_space)
    assert object_labels(nothing) == {}


def test_padding_gives_the_border_no_votes(pipeline, tiny_space) -> None:
    # One object: 16 columns of cars and 13 of trees at the border, which padding would repeat.
    labels = torch.full((1, 16, 29), 5)
    labels[..., 16:] = 4
    layout = Layout(labels, torch.full_like(labels, 9), tiny_space)
    condition = pipeline.condition(layout, styles={9: 4})  # class 4 has no cluster 4
    assert torch.equal(condition[0, 7:, 0, 0], pipeline.bank.centers[5, 4])


# --- photos --------------------------------------------------------------------------------------


def test_padding_has_no_share_in_any_code(pipeline, tiny_space, monkeypatch) -> None:
    seen = {}

    def body(x: Tensor) -> Tensor:
        seen["output"] = torch.randn(1, 3, *x.shape[2:])
        return seen["output"]

    layout = stripes(tiny_space, 27, 61)
    monkeypatch.setattr(pipeline.encoder, "body", nn.Identity())
    monkeypatch.setattr(pipeline.encoder.body, "forward", body)
    codes = pipeline.encode(torch.rand(1, 3, 27, 61), layout)
    own = seen["output"].tanh()[..., :27, :61]
    assert torch.allclose(codes, pool_by_instance(own, layout.instances), atol=1e-6)
    assert torch.equal(pool_by_instance(codes, layout.instances), codes)


def test_a_photo_of_another_size_is_refused(pipeline, layout) -> None:
    with pytest.raises(ValueError, match="photo is 48x32 and its layout 64x32; resize one"):
        pipeline.encode(torch.rand(1, 3, 32, 48), layout)


@pytest.mark.parametrize("size", [(32, 64), (27, 61)])
def test_codes_are_the_means_of_the_features_of_the_objects_pixels(tiny_space, size) -> None:
    pipeline, layout = make(tiny_space), stripes(tiny_space, *size)
    photo = torch.rand(1, 3, *size)
    of_pixels, codes = (pipeline.encode(photo, layout, pooled=p)[0] for p in (False, True))
    for instance in layout.instances.unique():
        inside = layout.instances[0] == instance
        mean = of_pixels[:, inside].double().mean(1, keepdim=True)
        assert torch.allclose(codes[:, inside].double(), mean.expand(-1, inside.sum()), atol=1e-6)
    assert not torch.equal(of_pixels, codes)


def test_assign_takes_the_nearest_centre_of_the_objects_class(pipeline, layout) -> None:
    photo = torch.rand(1, 3, 32, 64)
    codes = pipeline.encode(photo, layout)[0]
    nearest = pipeline.assign(photo, layout)
    assert set(nearest) == {1, 2, 3, 4000, 4001, 5000, 5001}  # the sky has no clusters
    for instance, cluster in nearest.items():
        label = instance // 1000 or instance
        code = codes[:, layout.instances[0] == instance][:, 0]
        distances = [(code - center).norm().item() for center in pipeline.bank.centers[label]]
        assert cluster == distances.index(min(distances[:label]))


@pytest.mark.parametrize("size", [(32, 64), (27, 61)])
def test_a_bank_that_holds_a_photos_codes_draws_what_redraw_draws(tiny_space, size) -> None:
    pipeline, layout = make(tiny_space), stripes(tiny_space, *size)
    photo = torch.rand(1, 3, *size)
    codes = pipeline.encode(photo, layout)[0]
    place: dict[int, int] = {}
    for instance, label in object_labels(layout).items():
        row = place.setdefault(label, -1) + 1
        pipeline.bank.centers[label, row] = codes[:, layout.instances[0] == instance][:, 0]
        pipeline.bank.counts[label], place[label] = row + 1, row
    # Unlabelled pixels have a code of their own in the photo, but no class and so no style.
    layout.labels[layout.labels == IGNORE] = 0
    layout.instances[layout.instances == IGNORE] = 0
    codes = pipeline.encode(photo, layout)[0]
    pipeline.bank.centers[0, 0] = codes[:, layout.instances[0] == 0][:, 0]
    styles = pipeline.assign(photo, layout)
    drawn = pipeline(layout, styles=styles)
    assert torch.allclose(drawn, pipeline.redraw(photo, layout), atol=1e-5)


# --- coarse and fine -----------------------------------------------------------------------------


def test_coarse_is_what_g1_alone_draws_of_the_pooled_condition(pipeline, layout) -> None:
    condition = pipeline.generator.pyramid(pipeline.condition(layout, seed=4))[1]
    frame = pipeline.frame // 2
    alone = pipeline.generator.coarse(condition)[..., frame:-frame, frame:-frame] * 0.5 + 0.5
    assert torch.allclose(pipeline.coarse(layout, seed=4), alone.clamp(0, 1), atol=1e-6)


def test_a_layout_as_small_as_g1s_own_is_drawn_by_g1_alone(tiny_space) -> None:
    pipeline = make(tiny_space)  # at home at 64x32, so G1 at 32x16
    drawn = []
    pipeline.generator.register_forward_hook(lambda *_: drawn.append("enhanced"))
    pipeline.generator.coarse.register_forward_hook(lambda *_: drawn.append("alone"))
    pipeline(stripes(tiny_space, 16, 32), seed=1)
    pipeline(stripes(tiny_space, 32, 64), seed=1)
    assert drawn == ["alone", "enhanced"]


def test_the_drawer_is_the_network_that_draws(tiny_space) -> None:
    for enhancers in (0, 1, 2):
        pipeline, ran = make(tiny_space, enhancers), []
        for network in {pipeline.generator, getattr(pipeline.generator, "coarse", None)} - {None}:
            network.register_forward_hook(lambda own, *_, ran=ran: ran.append(own))
        for size in ((8, 16), (16, 32), (32, 64)):
            layout = stripes(tiny_space, *size)
            ran.clear()
            pipeline(layout, seed=1)
            assert ran == [pipeline.drawer(layout)]


def test_a_generator_that_reflects_sees_the_layout_without_a_frame(tiny_space, layout) -> None:
    pipeline = make(tiny_space, padding="reflect")
    assert pipeline.frame == 0
    condition = pipeline.condition(layout, seed=1)
    assert condition.shape[2:] == layout.labels.shape[1:]
    whole = pipeline.generator(condition) * 0.5 + 0.5
    assert torch.equal(pipeline(layout, seed=1), whole.clamp(0, 1))


def test_a_g1_without_a_picture_of_its_own_draws_none(tiny_space) -> None:
    pipeline, small = make(tiny_space), stripes(tiny_space, 16, 32)
    nn.init.zeros_(pipeline.generator.coarse.to_picture[0].weight)
    nn.init.zeros_(pipeline.generator.coarse.to_picture[0].bias)
    assert pipeline.coarse(small).unique().tolist() == [0.5]
    assert pipeline(small, seed=1).std() > 0.01


def test_the_border_is_drawn_like_the_inside(tiny_space) -> None:
    """A picture of one surface has no line along its border, as zeros beyond it would leave."""
    pipeline = make(tiny_space, style=False)
    labels = torch.zeros(1, 48, 64).long()
    picture = pipeline(Layout(labels, labels, tiny_space))
    inside = picture[..., 16:-16, 16:-16]
    spread = inside.std((2, 3)).amax() + 1e-3
    for edge in (picture[..., :2, :], picture[..., -2:, :], picture[..., :2], picture[..., -2:]):
        assert ((edge.mean((2, 3)) - inside.mean((2, 3))).abs() < 3 * spread).all()


def test_without_enhancers_coarse_is_the_picture(tiny_space, layout) -> None:
    pipeline = make(tiny_space, 0)
    assert pipeline.enhancers == 0 and pipeline.multiple == 4
    assert torch.equal(pipeline.coarse(layout, seed=1), pipeline(layout, seed=1))


def test_the_multiple_serves_generator_and_encoder(tiny_space) -> None:
    pipeline = make(tiny_space, 2)
    assert (pipeline.enhancers, pipeline.multiple) == (2, 16)
    shallow = make(tiny_space, 0)
    shallow = SynthesisPipeline(
        shallow.generator,
        FeatureEncoder(EncoderConfig(width=2, downsamplings=4)),
        None,
        space=tiny_space,
        native_size=(64, 32),
    )
    assert shallow.multiple == 16


def test_a_batch_is_its_layouts_one_by_one(pipeline, layout, tiny_space) -> None:
    other = Layout(layout.labels.flip(2), layout.instances.flip(2), tiny_space)
    maps = (torch.cat([getattr(x, n) for x in (layout, other)]) for n in ("labels", "instances"))
    both = pipeline(Layout(*maps, tiny_space), seed=5)
    for index, single in enumerate((layout, other)):
        assert torch.allclose(both[index], pipeline(single, seed=5)[0], atol=1e-5)


def test_a_batch_whose_ids_mean_other_classes_is_its_layouts_too(pipeline, tiny_space) -> None:
    labels = torch.stack([torch.full((32, 64), 5), torch.full((32, 64), 2)])
    labels[:, :8] = 0
    instances = torch.where(labels == 0, 0, 7)
    for seed in range(8):  # class 5 has clusters that class 2 lacks
        both = pipeline(Layout(labels, instances, tiny_space), seed=seed)
        for k in range(2):
            single = Layout(labels[k : k + 1], instances[k : k + 1], tiny_space)
            assert torch.allclose(both[k], pipeline(single, seed=seed)[0], atol=1e-5)


def test_it_is_a_synthesizer(pipeline) -> None:
    assert isinstance(pipeline, Synthesizer)
    assert pipeline.paper.year == 2018 and pipeline.device.type == "cpu"
