"""Finds the folders that come with oms: in the wheel under `oms/_shipped`, in a clone at its root. Reads nothing in them."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

_PACKAGE = Path(__file__).resolve().parent

ResourceName = Literal["config", "processes", "templates"]


def resource_folder(name: ResourceName) -> Path:
    """The folder of that name as it was shipped: templates (with `fonts/` in it), example processes, sample config.

    A shop's own folders are not looked at, its settings name them.

    Raises:
        FileNotFoundError: the installation is not whole.
    """
    for folder in (_PACKAGE / "_shipped" / name, _PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f'The folder "{name}" is missing from the installation of oms in {_PACKAGE}. Install it again.')
