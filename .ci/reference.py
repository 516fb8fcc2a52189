"""How docstrings look in the API reference: an extension of griffe."""

from __future__ import annotations

import re
from enum import Enum
from importlib import import_module
from typing import Any

from griffe import Extension

# "name  text", with the texts below each other, or "name: text".
NAMES = r"[*\w]\w*(?:, \w+)*"
ENTRY = re.compile(rf"^(?!Raises)({NAMES})(?::\s|  +)\s*(\S.*)$")


class Reference(Extension):
    def on_instance(self, *, obj: Any, **_: Any) -> None:
        """Make a Markdown list of each paragraph that explains names, line by line."""
        if obj.docstring is not None:
            paragraphs = obj.docstring.value.split("\n\n")
            obj.docstring.value = "\n\n".join(map(with_lists, paragraphs))

    def on_class_members(self, *, cls: Any, **_: Any) -> None:
        """List the members of an enum that have no docstring in the source."""
        bases = {str(base).rpartition(".")[2] for base in cls.bases}
        if bases & {"Enum", "IntEnum", "IntFlag"} and cls.docstring is not None:
            made = getattr(import_module(cls.module.path), cls.name)
            members = [m for m in made if not cls.members[m.name].docstring]
            cls.docstring.value += "\n\n" + members_of(members)


def with_lists(paragraph: str) -> str:
    """The paragraph, with its entries as items."""
    lines: list[str] = []
    in_list = False
    for line in paragraph.splitlines():
        entry = ENTRY.match(line)
        if entry is not None:
            lines += [] if in_list else [""]
            names = ", ".join(f"`{name}`" for name in entry[1].split(", "))
            lines.append(f"* {names}: {entry[2]}")
            in_list = True
        elif in_list and line.startswith(" "):
            lines.append(f"  {line.strip()}")
        else:
            lines += ["", line] if in_list else [line]
            in_list = False
    return "\n".join(lines)


def members_of(members: list[Enum]) -> str:
    """A list, if they have texts; else a paragraph."""
    explained = {
        member.name: member.value if isinstance(member.value, str) else text
        for member in members
        if (text := vars(member).get("__doc__")) or " " in str(member.value)
    }
    if explained:
        return "\n".join(f"* `{name}`: {text}" for name, text in explained.items())
    return ", ".join(f"`{member.name}` {member.value!r}" for member in members)
