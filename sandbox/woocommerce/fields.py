"""`_fields`: cuts answers down to what was asked for, with WordPress' own blind spot for lists."""

from functools import lru_cache
from typing import Any

Tree = dict[str, Any]


@lru_cache(maxsize=64)
def parse(text: str) -> Tree:
    """ "id,billing.email" as a tree; a name asked for whole wins over its parts."""
    tree: Tree = {}
    for path in filter(None, (part.strip() for part in text.split(","))):
        place = tree
        names = path.split(".")
        for depth, name in enumerate(names):
            if place.get(name) is True:
                break
            if depth == len(names) - 1:
                place[name] = True
            else:
                place = place.setdefault(name, {})
    return tree


def trim(body: Any, text: str) -> Any:
    """A body with only the fields asked for; a list is trimmed item by item."""
    tree = parse(text)
    if not tree:
        return body
    return [_keep(item, tree) for item in body] if isinstance(body, list) else _keep(body, tree)


def _keep(value: Any, tree: Tree) -> Any:
    """Keeps the named keys; a list below the top has no names, so nothing of it is kept.

    This is why `_fields=update.id` on a batch answers an empty list, errors included.
    """
    if isinstance(value, list):
        return []
    if not isinstance(value, dict):
        return value
    return {
        name: _keep(part, tree[name]) if isinstance(tree[name], dict) else part
        for name, part in value.items()
        if name in tree
    }
