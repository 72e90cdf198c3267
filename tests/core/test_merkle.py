"""Merkle trees: roots as the RFC defines them, paths that prove one leaf and no other."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import merkle

# The eight inputs and the roots over the first n of them that implementations of RFC 6962 are tested with.
INPUTS = [
    bytes.fromhex(given)
    for given in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


@pytest.mark.parametrize("count", range(1, 9))
def test_roots_are_those_of_the_rfc(count: int) -> None:
    """So that any implementation of it can check ours."""
    assert merkle.root(INPUTS[:count]).hex() == ROOTS[count - 1]


def test_a_tree_without_leaves_has_a_root() -> None:
    """The hash of nothing."""
    assert merkle.root([]) == sha256(b"").digest()


@given(st.integers(1, 70), st.data())
def test_a_path_proves_its_leaf_and_nothing_else(size: int, data: st.DataObject) -> None:
    """For every leaf of trees of any size."""
    leaves = [bytes([n]) * 32 for n in range(size)]
    index = data.draw(st.integers(0, size - 1))
    root, path = merkle.root(leaves), merkle.path(iter(leaves), index, size)

    assert merkle.leads_to(root, leaves[index], index, size, path)
    assert not merkle.leads_to(root, b"other" * 6, index, size, path)
    assert not merkle.leads_to(root, leaves[index], index, size, [*path, root])
    assert not merkle.leads_to(root, leaves[index], index, size, path[1:] or [root])
    for other in {index - 1, index + 1, size} - {index}:
        assert not merkle.leads_to(root, leaves[index], other, size, path)


def test_there_is_no_path_to_a_leaf_that_is_not_there() -> None:
    """Out of range is an error here, and no proof there."""
    with pytest.raises(ValueError, match="no leaf"):
        merkle.path([b"x"], 1, 1)
