import pytest

from lab import catalog
from lab.catalog import Catalog

CATALOGS = {name: value for name, value in vars(catalog).items() if isinstance(value, Catalog)}
ENTRIES = [(name, entry) for name, entries in CATALOGS.items() for entry in entries]


@pytest.mark.parametrize(("name", "entry"), ENTRIES)
def test_every_entry_resolves(name: str, entry: str) -> None:
    assert callable(CATALOGS[name][entry])


@pytest.mark.parametrize(("name", "entry"), ENTRIES)
def test_every_entry_does_what_its_catalog_promises(name: str, entry: str) -> None:
    found = CATALOGS[name][entry]
    wanted = {
        "SYNTHESIZERS": ("paper", "from_checkpoint", "__call__"),
        "STYLIZERS": ("paper", "from_checkpoint", "__call__"),
        "JUDGES": ("from_checkpoint", "__call__", "judge"),
        "DATASETS": ("space", "__len__", "__getitem__"),
        "METRICS": ("__call__",),
    }[name]
    assert [attribute for attribute in wanted if not hasattr(found, attribute)] == []


def test_names_come_in_menu_order_without_importing() -> None:
    menu = Catalog("dish", {"soup": "no.such.module:Soup", "bread": "math:tau"})
    assert list(menu) == ["soup", "bread"]
    assert len(menu) == 2
    assert "soup" in menu
    assert "cake" not in menu
    assert repr(menu) == "Catalog('dish', ['soup', 'bread'])"


def test_an_entry_is_the_object_itself() -> None:
    import math

    assert Catalog("number", {"tau": "math:tau"})["tau"] is math.tau


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(KeyError) as caught:
        Catalog("dish", {"soup": "math:tau", "bread": "math:tau"})["cake"]
    assert caught.value.args[0] == "No dish is called 'cake'. Known: soup, bread."


def test_an_empty_catalog_says_none() -> None:
    with pytest.raises(KeyError, match=r"Known: none\."):
        Catalog("dish", {})["cake"]
