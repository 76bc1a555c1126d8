"""The shape of the project: imports flow one way, files stay small, the catalog is complete."""

import ast
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest
from torch.utils.data import Dataset

from lab.catalog import DATASETS, JUDGES, STYLIZERS, SYNTHESIZERS

ROOT = Path(__file__).resolve().parent.parent
SOURCES = [
    *sorted((ROOT / "lab").rglob("*.py")),
    *sorted((ROOT / "training").rglob("*.py")),
    *sorted(ROOT.glob("app.py")),
]
FILES = [
    *SOURCES,
    *sorted((ROOT / "tests").rglob("*.py")),
    *sorted(p for kind in ("js", "css", "html") for p in (ROOT / "lab").rglob(f"*.{kind}")),
]
SHARED = {  # what several methods have in common, themselves none
    "lab.baselines.feedforward",
    "lab.pipelines.carrying",
    "lab.pipelines.colour",
    "lab.pipelines.condition",
    "lab.pipelines.controls",
    "lab.pipelines.moments",
    "lab.pipelines.photoreal",
    "lab.pipelines.regions",
    "lab.pipelines.tiles",
    "lab.pipelines.transfer",
    "lab.pipelines.video",
    "lab.pipelines.windows",
}
LONGEST_FILE, LONGEST_FUNCTION, MOST_POSITIONAL = 400, 60, 4

# package -> what of the project it may import besides itself; nobody imports training or app
GROUND = {"lab.models", "lab.data", "lab.interfaces", "lab.images", "lab.limits", "lab.videos"}
METHODS = GROUND | {"lab.card", "lab.catalog", "lab.checkpoint"}
MEASURES = {"lab.models", "lab.losses", "lab.data", "lab.interfaces"}
BELOW_LAB = METHODS | {
    "lab.cutouts",
    "lab.losses",
    "lab.pipelines",
    "lab.baselines",
    "lab.metrics",
    "lab.analysis",
}
FIGURES = {"lab.plots", "lab.plots_scores", "lab.plots_styles", "lab.plots_transfer"}
TABLE: dict[str, set[str]] = {
    "lab": {"lab.lab", "lab.checkpoint"},
    "lab.catalog": set(),
    "lab.card": set(),
    "lab.errors": set(),
    "lab.files": set(),
    "lab.limits": set(),
    "lab.memory": set(),
    "lab.profiles": set(),
    "lab.decoding": {"lab.limits", "lab.profiles"},
    "lab.images": {"lab.decoding", "lab.files", "lab.limits"},
    "lab.cutouts": {"lab.decoding", "lab.images", "lab.limits"},
    "lab.opencv": set(),
    "lab.videos": {"lab.files", "lab.images", "lab.limits", "lab.opencv"},
    "lab.plots": set(),
    "lab.plots_scores": {"lab.plots"},
    "lab.plots_styles": {"lab.plots"},
    "lab.plots_transfer": {"lab.plots"},
    "lab.models": set(),
    "lab.losses": set(),
    "lab.data": {"lab.images", "lab.opencv"},
    "lab.interfaces": {"lab.data"},
    "lab.checkpoint": {"lab.card", "lab.catalog", "lab.interfaces", "lab.images"},
    "lab.pipelines": METHODS,
    "lab.baselines": METHODS | {"lab.losses", "lab.pipelines"},
    "lab.metrics": MEASURES | {"lab.images", "lab.videos"},
    "lab.analysis": MEASURES | {"lab.images"},
    "lab.scoring": METHODS | {"lab.files", "lab.pipelines", "lab.baselines", "lab.metrics"},
    "lab.moods": {"lab.data", "lab.pipelines"},
    "lab.patterns": {"lab.data"},
    "lab.recipes": {"lab.card", "lab.images", "lab.pipelines"},
    "lab.lab": BELOW_LAB | {"lab.errors"},
    "lab.cli.arguments": {"lab.images", "lab.limits"},
    "lab.cli": BELOW_LAB
    | FIGURES
    | {"lab.lab", "lab.files", "lab.moods", "lab.recipes", "lab.scoring", "lab.cli.arguments"},
    "lab.__main__": BELOW_LAB
    | FIGURES
    | {"lab.lab", "lab.cli", "lab.cli.arguments", "lab.errors", "lab.memory"},
    "lab.ui": BELOW_LAB
    | FIGURES
    | {
        "lab",
        "lab.lab",
        "lab.cli",
        "lab.moods",
        "lab.patterns",
        "lab.recipes",
        "lab.scoring",
        "lab.errors",
        "lab.files",
    },
    "training": BELOW_LAB
    | FIGURES
    | {
        "lab.files",
        "lab.memory",
        "lab.patterns",
        "lab.scoring",
        "lab.cli.arguments",
        "lab.errors",
    },
    "app": {"lab", "lab.lab", "lab.ui", "lab.cli.arguments", "lab.errors", "lab.memory"} | METHODS,
}


# --- the checker ---------------------------------------------------------------------------------


def module_of(path: Path) -> str:
    """lab/data/__init__.py -> "lab.data", lab/images.py -> "lab.images"."""
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def package_of(module: str) -> str | None:
    """The row of TABLE a module belongs to: the longest that is it or a package around it."""
    around = [row for row in TABLE if module == row or module.startswith(f"{row}.")]
    best = max(around, key=len, default=None)
    return None if best == "lab" and module != "lab" else best


def imported(source: str) -> Iterator[str]:
    """Every module of the project that `source` names in an import, at any depth of the file."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level:
            names = ["." * node.level + (node.module or "")]
        elif isinstance(node, ast.ImportFrom) and node.module in ("lab", "training"):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            continue
        yield from (n for n in names if n.split(".")[0] in ("", "lab", "training", "app", "tests"))


def violations(module: str, source: str) -> list[str]:
    """The imports in `source` that TABLE does not allow to `module`."""
    own = package_of(module)
    if own is None:
        return [f"{module}: add its package to TABLE"]
    allowed = TABLE[own] | {own}
    return [f"{module} imports {n}" for n in imported(source) if package_of(n) not in allowed]


def functions(source: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def too_long(source: str) -> list[str]:
    """The functions of `source` with more than LONGEST_FUNCTION lines."""
    lengths = [(f.name, (f.end_lineno or 0) - f.lineno + 1) for f in functions(source)]
    return [f"{name}: {length} lines" for name, length in lengths if length > LONGEST_FUNCTION]


def too_many_positional(source: str) -> list[str]:
    """The public functions of `source` with more than MOST_POSITIONAL positional parameters."""
    found = []
    for function in functions(source):
        names = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
        names = names[1:] if names[:1] in (["self"], ["cls"]) else names
        public = not function.name.startswith("_") or function.name in ("__init__", "__call__")
        if public and len(names) > MOST_POSITIONAL:
            found.append(f"{function.name}({', '.join(names)})")
    return found


# --- the checker notices -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("lab.models.vgg", "from lab.data.labels import one_hot"),
        ("lab.models.vgg", "import lab.losses.gan"),
        ("lab.models.vgg", "def f():\n    from lab import images"),
        ("lab.losses.gan", "from lab.models import blocks"),
        ("lab.data.pairs", "from lab.interfaces import Layout"),
        ("lab.card", "from lab.checkpoint import load"),
        ("lab.plots", "from lab import images"),
        ("lab.pipelines.transfer", "from lab.losses.perceptual import gram_matrix"),
        ("lab.metrics.speed", "from lab.pipelines.transfer import FeatureTransfer"),
        ("lab.lab", "from lab.plots import matrix"),
        ("lab.cli.transfer", "from lab.ui import build_app"),
        ("lab.ui.draw", "from training.config import read"),
        ("lab.ui.draw", "import app"),
        ("training.loop", "from lab.lab import Lab"),
        ("training.loop", "from lab import Lab"),
        ("training.loop", "import lab.ui.draw"),
        ("lab.images", "from tests.tiny import card"),
        ("lab.data.pairs", "from .labels import one_hot"),
        ("lab.data.pairs", "from . import labels"),
        ("lab.new", "import torch"),
    ],
)
def test_a_planted_import_is_noticed(module: str, source: str) -> None:
    assert len(violations(module, source)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("lab.models.vgg", "import torch\nfrom lab.models.blocks import convolution"),
        ("lab.data.pairs", "from lab import images\nfrom lab.data import labels"),
        ("lab.ui.draw", "from lab import images, plots\nfrom lab.ui.gpu import gpu"),
        ("training.synthesis", "from training.loop import Run\nimport lab.losses.gan"),
        ("lab.catalog", "import labels\nimport pkgutil"),
    ],
)
def test_an_allowed_import_is_not(module: str, source: str) -> None:
    assert violations(module, source) == []


def test_a_planted_long_function_is_noticed() -> None:
    body = "\n".join("    x = 1" for _ in range(LONGEST_FUNCTION - 1))
    assert too_long(f"def fits():\n{body}") == []
    assert too_long(f"class A:\n  def f(self):\n{body}\n    x = 1") == ["f: 61 lines"]


def test_planted_positional_parameters_are_noticed() -> None:
    assert too_many_positional("def f(a, b, c, d, *, e, g): ...") == []
    assert too_many_positional("class A:\n def f(self, a, b, c, d): ...") == []
    assert too_many_positional("def f(a, b, /, c, d, e): ...") == ["f(a, b, c, d, e)"]
    assert too_many_positional("class A:\n def __init__(self, a, b, c, d, e): ...")
    assert too_many_positional("def _private(a, b, c, d, e): ...") == []


# --- the project ---------------------------------------------------------------------------------


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", SOURCES, ids=short)
def test_imports_flow_one_way(path: Path) -> None:
    assert violations(module_of(path), path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", SOURCES, ids=short)
def test_functions_are_short_and_take_few_positional_arguments(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert too_long(source) == []
    if package_of(module_of(path)) != "lab.ui":  # Gradio hands an event's inputs over by position
        assert too_many_positional(source) == []


@pytest.mark.parametrize("path", FILES, ids=short)
def test_files_are_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


def test_everything_has_a_subject() -> None:
    nameless = {"utils", "util", "helpers", "helper", "common", "misc"}
    assert [short(p) for p in FILES if {*p.parts, p.stem} & nameless] == []


@pytest.mark.parametrize("path", SOURCES, ids=short)
def test_every_file_says_what_it_is(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert not source.strip() or ast.get_docstring(ast.parse(source))


@pytest.mark.parametrize("folder", ["pipelines", "baselines"])
def test_every_method_is_in_the_catalog(folder: str) -> None:
    catalogs = (SYNTHESIZERS, STYLIZERS, JUDGES)
    entries = [entry for catalog in catalogs for entry in catalog.entries.values()]
    known = {entry.partition(":")[0] for entry in entries}
    files = (p for p in (ROOT / "lab" / folder).glob("*.py") if p.stem != "__init__")
    assert {module_of(path) for path in files} <= known | SHARED


def test_every_dataset_is_in_the_catalog() -> None:
    """A dataset is a class of `lab.data` that is a torch Dataset and has a label space."""
    modules = [importlib.import_module(module_of(p)) for p in (ROOT / "lab" / "data").rglob("*.py")]
    classes = {
        value
        for module in modules
        for value in vars(module).values()
        if inspect.isclass(value) and issubclass(value, Dataset) and hasattr(value, "space")
    }
    assert classes == set(DATASETS.values())
