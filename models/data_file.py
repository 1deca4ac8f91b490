"""Files that a scenario names: where they may lie, and how they are found."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import PrivateAttr, ValidationInfo, model_validator

from .section import Section

DATA_ROOT_VARIABLE = "DATAHALL_DATA"


@dataclass(frozen=True)
class DataFolders:
    """The folders in which a scenario's files are looked up; passed as pydantic's validation context."""

    scenario_folder: Path
    data_root: Path | None = None

    @classmethod
    def of(cls, scenario_folder: Path, data_root: Path | None = None) -> DataFolders:
        """Return the folders of a scenario; without `data_root` the variable DATAHALL_DATA is taken."""
        given = os.environ.get(DATA_ROOT_VARIABLE)
        return cls(scenario_folder.resolve(), data_root or (Path(given) if given else None))

    def find(self, file: str, *, outside: bool) -> Path:
        """Return the absolute path of `file`: under the data root if it is there, else under the scenario's folder.

        Raises ValueError where the file lies outside both folders without `outside`, or does not exist.
        """
        roots = [root.resolve() for root in (self.data_root, self.scenario_folder) if root is not None]
        for root in roots:
            path = (root / file).resolve()
            if not outside and not any(path.is_relative_to(inside) for inside in roots):
                raise ValueError(
                    f"'{file}' lies outside the scenario's folder and the data root; allowed with 'outside: true'"
                )
            try:
                if path.is_file():
                    return path
            except OSError as error:
                raise ValueError(f"'{file[:40]}...' is no name of a file: {error.strerror}") from None
        looked = " and ".join(f"'{root}'" for root in roots)
        raise ValueError(
            f"there is no file '{file}' in {looked}; give --data-root or set {DATA_ROOT_VARIABLE}"
            if self.data_root is None
            else f"there is no file '{file}' in {looked}"
        )


class FromFile(Section):
    """A section that reads a file."""

    file: str
    """The file, relative to the data root (`--data-root` or DATAHALL_DATA) or to the scenario's folder."""
    outside: bool = False
    """Whether the file may lie outside both folders."""

    _path: Path = PrivateAttr()

    @model_validator(mode="after")
    def _find(self, info: ValidationInfo) -> Self:
        folders = info.context if isinstance(info.context, DataFolders) else DataFolders.of(Path.cwd())
        self._path = folders.find(self.file, outside=self.outside)
        return self

    @property
    def path(self) -> Path:
        """The absolute path of the file, which existed when the section was validated."""
        return self._path
