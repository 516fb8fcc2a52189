"""Tables, as text or Markdown."""

from __future__ import annotations

Table = list[list[str]]
"""Rows of cells; the first row is the head, the first column the labels."""


def as_text(lines: Table) -> str:
    """Columns aligned for a terminal."""
    widths = [max(map(len, column)) for column in zip(*lines)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if at == 0 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(line, widths))
        ).rstrip()
        for line in lines
    )


def as_markdown(lines: Table) -> str:
    """A Markdown table, numbers to the right."""
    head, *rest = lines
    rule = ["---"] + ["---:"] * (len(head) - 1)
    return "\n".join("| " + " | ".join(line) + " |" for line in [head, rule, *rest])
