"""Merkle trees as in RFC 6962, section 2.1: one root stands for many hashes, and a short path proves one of them.

A leaf is hashed behind a zero byte and a node behind a one, so that neither can be taken for the other. Everything
streams: what is held in memory is a few hashes, however many leaves there are.
"""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256

EMPTY = sha256().digest()
"""The root of a tree without leaves."""


class Tree:
    """A tree that grows leaf by leaf."""

    def __init__(self) -> None:
        self.size = 0
        self._whole: list[bytes] = []  # the roots of its whole subtrees, the greatest first

    def add(self, leaf: bytes) -> None:
        """Add a leaf at the right."""
        node = sha256(b"\x00" + leaf).digest()
        full = self.size
        while full & 1:  # every whole subtree of this size finds its twin
            node = _joined(self._whole.pop(), node)
            full >>= 1
        self._whole.append(node)
        self.size += 1

    def root(self) -> bytes:
        """Return the root over all leaves so far."""
        if not self._whole:
            return EMPTY
        node = self._whole[-1]
        for left in reversed(self._whole[:-1]):
            node = _joined(left, node)
        return node


def root(leaves: Iterable[bytes]) -> bytes:
    """Return the root of a tree of these leaves."""
    tree = Tree()
    for leaf in leaves:
        tree.add(leaf)
    return tree.root()


def path(leaves: Iterable[bytes], index: int, size: int) -> list[bytes]:
    """Return the hashes that lead from one leaf up to the root, the nearest first.

    Args:
        leaves: all of them, streamed.
        index: of the leaf, from 0.
        size: how many leaves there are.

    Raises:
        ValueError: there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError("there is no leaf of that index")
    beside = list(_beside(index, 0, size))
    trees = {span: Tree() for span in beside}
    spans = iter(sorted(beside))
    span = next(spans, None)
    for place, leaf in enumerate(leaves):
        while span and place >= span[1]:
            span = next(spans, None)
        if span and place >= span[0]:
            trees[span].add(leaf)
    return [trees[span].root() for span in reversed(beside)]


def leads_to(root: bytes, leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bool:
    """Tell whether a path leads from a leaf to a root; total, whatever is given."""
    if not 0 <= index < size:
        return False
    node = sha256(b"\x00" + leaf).digest()
    sides = [span[0] > index for span in _beside(index, 0, size)]
    if len(sides) != len(path):
        return False
    for is_right, beside in zip(reversed(sides), path, strict=True):
        node = _joined(node, beside) if is_right else _joined(beside, node)
    return node == root


def _beside(index: int, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the spans of leaves whose subtrees stand beside the way from the root down to a leaf."""
    while end - start > 1:
        middle = start + (1 << (end - start - 1).bit_length() - 1)
        if index < middle:
            yield middle, end
            end = middle
        else:
            yield start, middle
            start = middle


def _joined(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()
