"""What every table of the settings is."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A table of the file: it knows its keys, and refuses others."""

    model_config = ConfigDict(extra="forbid", frozen=True)
