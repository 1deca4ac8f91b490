"""The docstrings under the fields of a section: what the reference page, editors and refusals say of a field.

Python drops them, so they are read from the source, a module once, and only when somebody asks: pydantic's own
`use_attribute_docstrings` reads them as each class is made, which is half of what a command needs to start.
"""

from __future__ import annotations

import ast
import functools
import inspect
import sys
from collections.abc import Mapping
from types import ModuleType

from pydantic import BaseModel
from pydantic.fields import FieldInfo


def described_fields(section: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return the fields of a section by name, each with its docstring as its description where it has no other.

    The docstring is the one of the class that declares the field; a field declared anew has none but its own.
    """
    for name, field in section.model_fields.items():
        if field.description is None:
            field.description = _docstring(section, name)
    return section.model_fields


def _docstring(section: type[BaseModel], field: str) -> str | None:
    for declaring in section.__mro__:
        module = sys.modules.get(declaring.__module__)
        own = _declared(module).get(declaring.__qualname__, {}) if module is not None else {}
        if field in own:
            return own[field]
    return None


@functools.cache
def _declared(module: ModuleType) -> Mapping[str, Mapping[str, str | None]]:
    """Return the docstring of every annotated name by the qualified name of its class; nothing where no source is."""
    found: dict[str, dict[str, str | None]] = {}

    def walk(node: ast.AST, within: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.ClassDef):
                found[within + child.name] = _annotated(child)
                walk(child, f"{within}{child.name}.")
            elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                walk(child, f"{within}{child.name}.<locals>.")
            elif isinstance(child, ast.stmt | ast.excepthandler):
                walk(child, within)

    try:
        walk(ast.parse(inspect.getsource(module)), "")
    except (OSError, TypeError, SyntaxError):
        return {}
    return found


def _annotated(section: ast.ClassDef) -> dict[str, str | None]:
    docstrings: dict[str, str | None] = {}
    for statement, after in zip(section.body, [*section.body[1:], None], strict=True):
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            says = after.value if isinstance(after, ast.Expr) else None
            text = says.value if isinstance(says, ast.Constant) else None
            docstrings[statement.target.id] = inspect.cleandoc(text) if isinstance(text, str) else None
    return docstrings
