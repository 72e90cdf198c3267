"""The direction of imports, held by a test: down only."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
APP = ROOT / "app"
MOST_LINES = 300

# Room: the rooms of ours it may import. A room is a folder of app/, or one file of it.
MAY_IMPORT = {
    "core": set(),
    "guard": set(),
    "version": set(),
    "logs": set(),
    "server": set(),
    "config": {"core"},
    "data_dir": {"core"},
    "upstream": {"core"},
    "carriers": {"core"},
    "store": {"core"},
    "actions": {"core", "store", "upstream"},
    "wiring": {"config", "data_dir", "store.database", "core", "upstream"},
    "web": {"actions", "wiring", "core", "version"},
    "cli": {"actions", "wiring", "core", "config", "data_dir", "logs", "server", "version"},
    "factory": {"web", "wiring", "config", "core", "logs"},
    "__init__": {"factory"},
}
# One file's further rights.
ALSO = {"web/webhooks.py": {"carriers.registry", "carriers.base"}}
FILES = sorted(APP.rglob("*.py"))
NAMES = [str(path.relative_to(APP)) for path in FILES]


def _imports(path: Path) -> list[str]:
    """Return what a file imports of ours, as dotted names below `app`."""
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return [name.removeprefix("app.") for name in found if name.startswith("app.")]


def _room(path: Path) -> str:
    inside = path.relative_to(APP)
    return inside.parts[0] if len(inside.parts) > 1 else inside.stem


def _allowed(room: str, extra: set[str], name: str) -> bool:
    rights = {room} | MAY_IMPORT[room] | extra
    return any(name == right or name.startswith(right + ".") for right in rights)


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_imports_go_down_only(path: Path) -> None:
    """No file imports a room that its own may not."""
    extra = ALSO.get(str(path.relative_to(APP)), set())

    wrong = [name for name in _imports(path) if not _allowed(_room(path), extra, name)]

    assert not wrong


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_nothing_is_imported_inside_a_function(path: Path) -> None:
    """An import inside a function hides an arrow; the lazy `create_app` is the one exception."""
    if path == APP / "__init__.py":
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]

    hidden = [
        node.lineno
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]

    assert not hidden


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_a_file_can_be_read_in_one_sitting(path: Path) -> None:
    """No file is over 300 lines."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def test_a_carrier_never_imports_another() -> None:
    """Only the registry knows all carriers."""
    shared = {"base", "signatures"}
    carriers = {path.stem for path in (APP / "carriers").glob("*.py")} - shared - {"__init__"}

    for path in (APP / "carriers").glob("*.py"):
        known = {name.split(".")[1] for name in _imports(path) if name.startswith("carriers.")}
        assert path.stem == "registry" or not (known & carriers) - {path.stem}


def test_the_core_and_the_package_load_without_flask_or_sql() -> None:
    """The pure floor imports no framework: only the standard library, phonenumbers, cryptography."""
    foreign = {
        "flask",
        "sqlalchemy",
        "werkzeug",
        "requests",
        "twilio",
        "alembic",
        "click",
        "logging",
    }
    for path in (APP / "core").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        roots = {
            alias.name.split(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
        }
        roots |= {
            (node.module or "").split(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
        }
        assert not roots & foreign, path
