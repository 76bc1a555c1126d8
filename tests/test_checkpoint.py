import hashlib
import json
import struct
from pathlib import Path

import pytest
import torch
from torch import nn

from lab import checkpoint
from lab.card import CARD, command_for, find, how_to_make, parse_card
from lab.catalog import STYLIZERS, SYNTHESIZERS
from lab.checkpoint import list_cards, load, read_card, read_part, save
from lab.interfaces import Layout, Stylizer, Synthesizer
from tests.tiny import card, save_linear_fast, save_streets


class Mixed(nn.Module):
    """A part with every kind of tensor a network keeps."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(3, 5))
        self.register_buffer("counts", torch.tensor([0, 70_000, 2**40]))
        self.register_buffer("wide", torch.rand(4, dtype=torch.float64))
        self.register_buffer("mask", torch.tensor([True, False]))
        self.register_buffer("steps", torch.tensor(7))


def edit(folder: Path, change) -> None:
    raw = json.loads((folder / CARD).read_text())
    change(raw)
    (folder / CARD).write_text(json.dumps(raw))


def saved(root: Path, module: nn.Module, **more) -> tuple[Path, checkpoint.Card]:
    folder = root / "thing"
    return folder, save(folder, card("thing", "pix2pixhd", **more), {"body": module}, {"body": {}})


# --- round trips ---------------------------------------------------------------------------------


def test_floats_come_back_rounded_to_half_and_integers_exact(tmp_path) -> None:
    module = Mixed()
    folder, written = saved(tmp_path, module)
    state = read_part(folder, written, "body")
    assert state.keys() == module.state_dict().keys()
    for name, value in module.state_dict().items():
        if value.is_floating_point():
            assert state[name].dtype == torch.float32
            assert torch.equal(state[name], value.half().float())
        else:
            assert state[name].dtype == value.dtype
            assert torch.equal(state[name], value)


def test_floats_come_back_exact_where_they_are_not_to_be_halved(tmp_path) -> None:
    module = Mixed()
    module.weight.data[0, 0] = 1e6  # more than float16 holds
    folder = tmp_path / "thing"
    fields = card("thing", "pix2pixhd")
    written = save(folder, fields, {"body": module}, {"body": {}}, half=False)
    state = read_part(folder, written, "body")
    for name, value in module.state_dict().items():
        assert torch.equal(state[name], value.float() if value.is_floating_point() else value)


def test_what_was_loaded_saves_to_the_same_digest(tmp_path) -> None:
    folder, first = saved(tmp_path / "a", Mixed())
    again = Mixed()
    again.wide = again.wide.float()
    again.load_state_dict(read_part(folder, first, "body"))
    _, second = saved(tmp_path / "b", again)
    assert first.digest == second.digest


def test_the_card_that_save_returns_is_the_one_on_disk(tmp_path) -> None:
    folder, written = saved(tmp_path, Mixed(), limits=["one", "two"])
    assert read_card(folder) == written
    assert written.limits == ("one", "two")
    assert written.native_size == (64, 32)
    assert written.parameters == 15
    assert written.raw["training"] == written.training


def test_a_part_is_a_plain_file_with_the_sha256_of_the_card(tmp_path) -> None:
    folder, written = saved(tmp_path, Mixed())
    blob = (folder / "body.safetensors").read_bytes()
    assert hashlib.sha256(blob).hexdigest() == written.part("body")["sha256"]


@pytest.mark.parametrize("enhancers", [0, 1])
def test_a_synthesizer_survives_saving_bit_for_bit(tmp_path, enhancers) -> None:
    written = save_streets(tmp_path, enhancers=enhancers)
    first, second = (load("streets", device="cpu", root=tmp_path) for _ in range(2))
    assert isinstance(first, Synthesizer)
    assert first.digest == written.digest
    labels = torch.randint(0, 11, (1, 32, 64))
    layout = Layout(labels, labels, first.space)
    assert torch.equal(first(layout, seed=3), second(layout, seed=3))


def test_a_stylizer_survives_saving_bit_for_bit(tmp_path) -> None:
    save_linear_fast(tmp_path)
    first, second = (load("linear-fast", device="cpu", root=tmp_path) for _ in range(2))
    assert isinstance(first, Stylizer)
    content, style = torch.rand(1, 3, 21, 34), torch.rand(1, 3, 16, 40)
    assert torch.equal(first(content, style), second(content, style))


# --- shards --------------------------------------------------------------------------------------


def test_a_part_over_the_limit_is_sharded_and_joined(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(checkpoint, "SHARD_BYTES", 2 * 16 * 16 * 2)  # two of the weights below
    module = nn.Sequential(*(nn.Linear(16, 16, bias=False) for _ in range(5)))
    folder, written = saved(tmp_path, module)
    files = written.part("body")["files"]
    assert files == [f"body-0000{i}-of-00003.safetensors" for i in (1, 2, 3)]
    state = read_part(folder, written, "body")
    assert all(torch.equal(state[k], v.half().float()) for k, v in module.state_dict().items())
    joined = b"".join((folder / name).read_bytes() for name in files)
    assert hashlib.sha256(joined).hexdigest() == written.part("body")["sha256"]


def test_files_stay_within_the_limit(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(checkpoint, "SHARD_BYTES", 4096)
    module = nn.Sequential(*(nn.Linear(20, 20) for _ in range(9)))
    folder, _ = saved(tmp_path, module)
    header = 1024  # names and offsets
    assert all(p.stat().st_size <= 4096 + header for p in folder.glob("*.safetensors"))


# --- digests -------------------------------------------------------------------------------------


def test_the_digest_changes_with_one_weight_and_not_with_the_words(tmp_path) -> None:
    module = Mixed()
    _, first = saved(tmp_path / "a", module)
    _, renamed = saved(tmp_path / "b", module, title="Another title")
    module.weight.data[0, 0] += 1
    _, changed = saved(tmp_path / "c", module)
    assert first.digest == renamed.digest != changed.digest
    assert len(first.digest) == 16
    assert int(first.digest, 16) >= 0


def test_the_digest_changes_with_what_else_decides_a_drawing() -> None:
    """Settings without weights, such as how a generator enlarges, and the size it is used at."""

    def digest(config: dict, size: list[int], method: str = "m") -> str:
        parts = {"a": {"config": config, "files": ["x"], "sha256": "1"}}
        fields = {"name": "n", "method": method, "native_size": size, "parts": parts}
        return parse_card(fields, Path(CARD)).digest

    first = digest({"width": 4, "upsampling": "nearest"}, [8, 8])
    assert first == digest({"upsampling": "nearest", "width": 4}, [8, 8])
    others = [
        digest({"width": 4, "upsampling": "bilinear"}, [8, 8]),
        digest({"width": 4, "upsampling": "nearest"}, [16, 8]),
        digest({"width": 4, "upsampling": "nearest"}, [8, 8], "n"),
    ]
    assert len({first, *others}) == 4


def test_the_digest_tells_which_part_has_which_weights() -> None:
    def swapped(first: str, second: str) -> str:
        parts = {
            name: {"config": {}, "files": ["x"], "sha256": sha}
            for name, sha in (("a", first), ("b", second))
        }
        fields = {"name": "n", "method": "m", "native_size": [1, 1], "parts": parts}
        return parse_card(fields, Path(CARD)).digest

    assert swapped("1", "2") != swapped("2", "1")


# --- saving over, and failing to -----------------------------------------------------------------


def test_saving_again_replaces_weights_and_keeps_the_history(tmp_path, monkeypatch) -> None:
    folder, _ = saved(tmp_path, Mixed())
    (folder / "history.jsonl").write_text("{}\n")
    monkeypatch.setattr(checkpoint, "SHARD_BYTES", 64)
    saved(tmp_path, Mixed())
    monkeypatch.undo()
    _, written = saved(tmp_path, Mixed())
    assert sorted(p.name for p in folder.iterdir()) == [
        "body.safetensors",
        "card.json",
        "history.jsonl",
    ]
    assert read_part(folder, written, "body").keys() == Mixed().state_dict().keys()
    assert [p.name for p in tmp_path.iterdir()] == ["thing"]  # no temporary folder stays


def test_a_weight_that_half_precision_cannot_hold_is_refused_and_nothing_is_touched(
    tmp_path,
) -> None:
    folder, before = saved(tmp_path, Mixed())
    broken = Mixed()
    broken.weight.data[1, 1] = 1e6
    with pytest.raises(ValueError, match=r"body\.weight holds values float16 cannot store.*65504"):
        saved(tmp_path, broken)
    assert read_card(folder) == before
    assert read_part(folder, before, "body")
    assert [p.name for p in tmp_path.iterdir()] == ["thing"]


def test_parts_and_configs_must_be_the_same(tmp_path) -> None:
    with pytest.raises(ValueError, match="Every part needs its config"):
        save(tmp_path / "x", card("x", "pix2pixhd"), {"body": Mixed()}, {"head": {}})


def test_a_card_without_a_required_field_is_not_written(tmp_path) -> None:
    fields = card("x", "pix2pixhd")
    del fields["method"]
    with pytest.raises(ValueError, match="must have 'method' as str; it has nothing"):
        save(tmp_path / "x", fields, {"body": Mixed()}, {"body": {}})
    assert not (tmp_path / "x").exists()


# --- what can be wrong with a folder -------------------------------------------------------------


@pytest.mark.parametrize("name", ["../streets", "a/b", "", ".", "..", "/etc", ".hidden", "a\\b"])
def test_a_name_is_not_a_path(tmp_path, name) -> None:
    with pytest.raises(ValueError, match="give a name, not a path"):
        load(name, root=tmp_path)


def test_a_missing_checkpoint_names_folder_known_ones_and_command(tmp_path) -> None:
    save_streets(tmp_path)
    with pytest.raises(FileNotFoundError) as caught:
        load("town", root=tmp_path)
    sentence = str(caught.value)
    assert str(tmp_path) in sentence
    assert "there: streets" in sentence
    assert "accelerate launch -m training training/configs/" in sentence
    assert "\n" not in sentence


def test_where_nothing_is_called_so_only_what_fits_is_named_and_no_command(tmp_path) -> None:
    save_streets(tmp_path)
    save_linear_fast(tmp_path)
    for among, known in ((SYNTHESIZERS, "streets"), (STYLIZERS, "linear-fast"), ([], "none")):
        with pytest.raises(FileNotFoundError) as caught:
            find("tawn", tmp_path, among=among)
        assert str(caught.value).endswith(f"(tawn/card.json is missing; there: {known}).")


def test_commands_are_those_of_configs_that_are_there() -> None:
    town = "accelerate launch -m training training/configs/synthesis/town.yaml"
    assert command_for("town") == how_to_make("town") == town
    assert command_for("town-palette") == "python -m training.palette town"
    assert command_for("tawn") is command_for("tawn-palette") is None
    assert "tawn.yaml, once that is written" in how_to_make("tawn")


def test_no_checkpoints_at_all(tmp_path) -> None:
    with pytest.raises(FileNotFoundError, match="there: none"):
        load("streets", root=tmp_path / "nowhere")
    assert list_cards(tmp_path / "nowhere") == []


def test_a_missing_file_is_named_with_the_command_of_the_card(tmp_path) -> None:
    save_streets(tmp_path)
    (tmp_path / "streets" / "encoder.safetensors").unlink()
    with pytest.raises(FileNotFoundError) as caught:
        load("streets", device="cpu", root=tmp_path)
    assert "encoder.safetensors is missing" in str(caught.value)
    assert "accelerate launch -m training training/configs/streets.yaml" in str(caught.value)


@pytest.mark.parametrize("place", [0, -1])
def test_one_changed_byte_is_noticed(tmp_path, place) -> None:
    save_streets(tmp_path)
    path = tmp_path / "streets" / "generator.safetensors"
    blob = bytearray(path.read_bytes())
    blob[place] ^= 1
    path.write_bytes(blob)
    with pytest.raises(
        ValueError, match=r"generator\.safetensors has sha256 .* its card says"
    ) as e:
        load("streets", device="cpu", root=tmp_path)
    assert str(e.value).count("make it again") == 1


@pytest.mark.parametrize("blob", [b"", b"hello", struct.pack("<Q", 2**60) + b"{}"])
def test_what_is_no_safetensors_file_is_refused(tmp_path, blob) -> None:
    save_streets(tmp_path)
    folder = tmp_path / "streets"
    (folder / "generator.safetensors").write_bytes(blob)
    digest = hashlib.sha256(blob).hexdigest()
    edit(folder, lambda raw: raw["parts"]["generator"].update(sha256=digest))
    with pytest.raises(ValueError, match=r"generator\.safetensors is not a safetensors file"):
        load("streets", device="cpu", root=tmp_path)


def test_an_unknown_method_lists_the_known_ones(tmp_path) -> None:
    save_streets(tmp_path)
    edit(tmp_path / "streets", lambda raw: raw.update(method="magic"))
    with pytest.raises(ValueError, match=r"method 'magic'; known are: pix2pixhd"):
        load("streets", root=tmp_path)


def test_weights_of_another_shape_are_one_sentence(tmp_path) -> None:
    save_streets(tmp_path)
    edit(tmp_path / "streets", lambda raw: raw["parts"]["generator"]["config"].update(width=8))
    with pytest.raises(ValueError, match="does not fit the method 'pix2pixhd'") as caught:
        load("streets", device="cpu", root=tmp_path)
    assert "\n" not in str(caught.value)


def test_an_unknown_setting_is_one_sentence(tmp_path) -> None:
    save_streets(tmp_path)
    edit(tmp_path / "streets", lambda raw: raw["parts"]["generator"]["config"].update(depth=8))
    with pytest.raises(ValueError, match=r"does not fit the method .*depth"):
        load("streets", device="cpu", root=tmp_path)


def test_the_card_of_another_folder_is_refused(tmp_path) -> None:
    save_streets(tmp_path)
    (tmp_path / "streets").rename(tmp_path / "village")
    with pytest.raises(ValueError, match=r"village/card\.json is the card of 'streets'"):
        load("village", device="cpu", root=tmp_path)


def test_a_device_that_is_not_there_is_not_the_checkpoints_fault(tmp_path) -> None:
    save_streets(tmp_path)
    for device in ("cuda:99", "abacus"):
        with pytest.raises(ValueError, match=f"No device '{device}' here; choose one of: cpu"):
            load("streets", device=device, root=tmp_path)


def test_an_unknown_part_lists_the_parts(tmp_path) -> None:
    written = save_streets(tmp_path)
    for ask in (written.config, lambda part: read_part(tmp_path / "streets", written, part)):
        with pytest.raises(KeyError) as caught:
            ask("soul")
        assert "has no part 'soul'; its card lists: generator, encoder, styles" in str(caught.value)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda raw: raw.pop("method"), "must have 'method' as str; it has nothing"),
        (lambda raw: raw.update(parts=[]), "must have 'parts' as dict; it has list"),
        (lambda raw: raw.update(native_size=[0, 4]), r"native_size must be \[width, height\]"),
        (lambda raw: raw.update(native_size=[4]), r"native_size must be \[width, height\]"),
        (lambda raw: raw.update(native_size=[4.5, 4]), r"native_size must be \[width, height\]"),
        (lambda raw: raw.update(title=3), "must have 'title' as str; it has int"),
        (lambda raw: raw.update(training=[]), "must have 'training' as dict; it has list"),
        (lambda raw: raw.update(limits="none"), "must have 'limits' as list; it has str"),
        (lambda raw: raw["parts"].update(body=3), "part 'body' must be a JSON object, not int"),
        (lambda raw: raw["parts"]["body"].pop("sha256"), "part 'body' must have 'sha256' as str"),
        (lambda raw: raw["parts"]["body"].update(files=[]), "must list plain file names"),
        (lambda raw: raw["parts"]["body"].update(files=[1]), "must list plain file names"),
        (
            lambda raw: raw["parts"]["body"].update(files=["../../etc/passwd"]),
            r"must list plain file names, not \['../../etc/passwd'\]",
        ),
    ],
)
def test_a_malformed_card_names_file_and_field(tmp_path, change, sentence) -> None:
    folder, _ = saved(tmp_path, Mixed())
    edit(folder, change)
    with pytest.raises(ValueError, match=sentence) as caught:
        read_card(folder)
    assert str(folder / CARD) in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", "null", '"card"'])
def test_what_is_no_card_is_refused(tmp_path, text) -> None:
    folder, _ = saved(tmp_path, Mixed())
    (folder / CARD).write_text(text)
    with pytest.raises(ValueError, match=r"card\.json"):
        read_card(folder)


def test_a_broken_card_does_not_hide_the_others(tmp_path, caplog) -> None:
    save_streets(tmp_path)
    save_linear_fast(tmp_path)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / CARD).write_text("{")
    save_streets(tmp_path, "town")
    (tmp_path / "town").rename(tmp_path / "village")
    assert [found.name for found in list_cards(tmp_path)] == ["linear-fast", "streets"]
    assert "broken" in caplog.text
    assert "is the card of 'town'" in caplog.text
