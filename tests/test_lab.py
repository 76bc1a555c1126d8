import threading

import pytest
import torch

import lab
from lab import checkpoint
from lab.lab import Lab, choose_device, sentence
from tests.tiny import save_linear_fast, save_streets


@pytest.fixture
def root(tmp_path):
    save_streets(tmp_path)
    save_linear_fast(tmp_path)
    return tmp_path


@pytest.fixture
def loads(monkeypatch) -> list[str]:
    """The names `checkpoint.load` was called with."""
    names = []
    original = checkpoint.load

    def counted(name, **more):
        names.append(name)
        return original(name, **more)

    monkeypatch.setattr(checkpoint, "load", counted)
    return names


def test_a_method_is_loaded_once_and_only_when_asked_for(root, loads) -> None:
    here = Lab(device="cpu", checkpoints=root)
    assert [card.name for card in here.cards()] == ["linear-fast", "streets"]
    assert here.missing("streets") is None
    assert loads == []
    assert here.synthesizer("streets") is here.synthesizer("streets")
    assert loads == ["streets"]


def test_visitors_who_come_at_once_share_one_loading(root, loads) -> None:
    here = Lab(device="cpu", checkpoints=root)
    start = threading.Barrier(4)
    found = []

    def visit() -> None:
        start.wait()
        found.append(here.stylizer("linear-fast"))

    visitors = [threading.Thread(target=visit) for _ in range(4)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    assert len(found) == 4
    assert all(method is found[0] for method in found)
    assert loads == ["linear-fast"]


def test_cards_of_one_method(root) -> None:
    here = Lab(device="cpu", checkpoints=root)
    assert [card.name for card in here.cards("pix2pixhd")] == ["streets"]
    assert here.cards("gatys") == []


def test_asking_for_the_other_kind_lists_the_right_ones(root) -> None:
    here = Lab(device="cpu", checkpoints=root)
    here.synthesizer("streets")  # in memory already: the answer is the same
    with pytest.raises(ValueError, match=r"no stylizer; stylizers here: linear-fast\."):
        here.stylizer("streets")
    with pytest.raises(ValueError, match=r"no synthesizer; synthesizers here: streets\."):
        here.synthesizer("linear-fast")


def test_missing_says_why(root) -> None:
    here = Lab(device="cpu", checkpoints=root)
    assert "No checkpoint 'town'" in here.missing("town")
    assert "give a name, not a path" in here.missing("../town")
    (root / "streets" / "styles.safetensors").unlink()
    assert "styles.safetensors is missing" in here.missing("streets")
    (root / "linear-fast" / "card.json").write_text("{")
    assert "card.json is not a card" in here.missing("linear-fast")


def test_what_failed_is_missing_until_its_files_change(root) -> None:
    here = Lab(device="cpu", checkpoints=root)
    path = root / "streets" / "generator.safetensors"
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    with pytest.raises(ValueError, match="has sha256") as caught:
        here.synthesizer("streets")
    assert here.missing("streets") == sentence(caught.value)
    path.write_bytes(whole)
    assert here.missing("streets") is None
    here.synthesizer("streets")
    assert here.missing("streets") is None


def test_warm_up_loads_what_it_can_and_remembers_the_rest(root, loads) -> None:
    path = root / "streets" / "generator.safetensors"
    path.write_bytes(path.read_bytes()[:-1])
    here = Lab(device="cpu", checkpoints=root)
    here.warm_up()
    assert sorted(loads) == ["linear-fast", "streets"]
    assert here.missing("linear-fast") is None
    assert "generator.safetensors has sha256" in here.missing("streets")
    save_streets(root)
    here.synthesizer("streets")
    assert here.missing("streets") is None


def test_warm_up_passes_over_cards_of_methods_it_does_not_have(root, loads) -> None:
    save_streets(root, "judge")
    card = root / "judge" / "card.json"
    card.write_text(card.read_text().replace('"pix2pixhd"', '"segmenter"'))
    Lab(device="cpu", checkpoints=root).warm_up()
    assert "judge" not in loads


def test_an_empty_lab_starts(tmp_path) -> None:
    here = Lab(checkpoints=tmp_path)
    here.warm_up()
    assert here.cards() == []


def test_the_device_is_one_that_exists() -> None:
    assert choose_device("cpu") == torch.device("cpu")
    assert choose_device(None).type == ("cuda" if torch.cuda.is_available() else "cpu")
    for name in ("abacus", "cuda:99", "meta"):
        with pytest.raises(ValueError, match=rf"No device '{name}' here; choose one of: cpu"):
            choose_device(name)


def test_the_package_offers_lab_and_load() -> None:
    assert lab.load is checkpoint.load
    assert lab.Lab is Lab
    with pytest.raises(AttributeError, match="no attribute 'magic'"):
        lab.magic  # noqa: B018


def test_sentences_come_without_quotes() -> None:
    assert sentence(KeyError("No such thing.")) == "No such thing."
    assert sentence(ValueError("Too large.")) == "Too large."
