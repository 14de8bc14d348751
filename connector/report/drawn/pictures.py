"""The geometry of the bars: shares of a width, small parts kept visible."""

from collections.abc import Sequence

from connector.records import Value

WIDTH = 1000.0
SMALLEST = 6.0
GAP = 2.0


class Piece(Value, frozen=True, kw_only=True):
    """One rectangle of a bar, in units of a bar that is 1000 wide; `part` is its place in the order."""

    part: int
    x: float
    width: float


def pieces(parts: Sequence[float], *, whole: float | None = None) -> tuple[Piece, ...]:
    """Rectangles for the parts of a whole (their sum by default), left to right.

    A part that is not zero is at least 6 wide; the widest one gives the room for it.
    """
    total = whole if whole is not None else sum(parts)
    if total <= 0:
        return ()
    widths = [max(SMALLEST, part / total * WIDTH) if part > 0 else 0.0 for part in parts]
    excess = sum(widths) - min(WIDTH, sum(parts) / total * WIDTH)
    widest = max(range(len(widths)), key=widths.__getitem__)
    widths[widest] = max(SMALLEST, widths[widest] - excess) if widths[widest] else 0.0
    return _placed(widths)


def _placed(widths: Sequence[float]) -> tuple[Piece, ...]:
    x = 0.0
    placed = []
    for part, width in enumerate(widths):
        if width:
            placed.append(Piece(part=part, x=round(x, 2), width=round(max(1.0, width - GAP), 2)))
        x += width
    return tuple(placed)
