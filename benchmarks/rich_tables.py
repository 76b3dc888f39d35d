"""Tables as `rich` draws them; imported only where it is installed."""

from __future__ import annotations

from typing import Final

from rich.console import Console
from rich.table import Table as Drawn

from benchmarks.report import Table

UNLIMITED: Final = 1000


def show(table: Table) -> None:
    """Print a table."""
    drawn = Drawn(title=table.title, title_justify='left')
    for index, column in enumerate(table.columns):
        drawn.add_column(column, justify='right' if index else 'left', no_wrap=not index)
    for line in table.lines:
        drawn.add_row(*line)
    # A table that is cut off says nothing: in a narrow terminal its lines go on in the next one.
    console = Console()
    needed = Console(width=UNLIMITED).measure(drawn).maximum
    console.width = max(console.width, needed)
    console.print(drawn, soft_wrap=True)
