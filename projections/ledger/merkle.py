"""Merkle trees of RFC 9162, section 2.1, with SHA-256: hashes, proofs and their checks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()
LEAF_PREFIX: Final = b"\x00"
NODE_PREFIX: Final = b"\x01"

Proof = list[bytes]

HashOf = Callable[[int, int], bytes]
"""The hash of the subtree over the leaves from a start to an end, the end not included."""


class ProofRefused(Exception):
    """A proof does not lead to the root it was given for."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of one leaf."""
    return sha256(LEAF_PREFIX + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node from those of its children."""
    return sha256(NODE_PREFIX + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, however many. Each level pairs up; an odd last one moves up."""
    level = list(hashes)
    if not level:
        return EMPTY_ROOT
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        pairs = zip(level[0::2], level[1::2], strict=False)
        level = [sha256(NODE_PREFIX + left + right).digest() for left, right in pairs] + odd
    return level[0]


def largest_power_below(size: int) -> int:
    """The largest power of two that is smaller than `size`, which is at least 2."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_proof(index: int, size: int, hash_of: HashOf) -> Proof:
    """The path from leaf `index` to the root over `size` leaves (2.1.3.1), the sibling first.

    Raises ValueError for a leaf outside the tree.
    """
    if not 0 <= index < size:
        raise ValueError("the leaf lies outside the tree")
    path: Proof = []
    start, end = 0, size
    while end - start > 1:
        middle = start + largest_power_below(end - start)
        if index < middle:
            path.append(hash_of(middle, end))
            end = middle
        else:
            path.append(hash_of(start, middle))
            start = middle
    path.reverse()
    return path


def consistency_proof(old_size: int, size: int, hash_of: HashOf) -> Proof:
    """The nodes that show the tree over `size` leaves to begin with that over `old_size` (2.1.4.1).

    Empty where both are the same or the old tree is. Raises ValueError where the old one is larger.
    """
    if not 0 <= old_size <= size:
        raise ValueError("the old tree is larger than the new one")
    if old_size in (0, size):
        return []
    path: Proof = []
    start, end, whole = 0, size, True
    while old_size < end:
        middle = start + largest_power_below(end - start)
        if old_size <= middle:
            path.append(hash_of(middle, end))
            end = middle
        else:
            path.append(hash_of(start, middle))
            start, whole = middle, False
    if not whole:
        path.append(hash_of(start, end))
    path.reverse()
    return path


def check_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Follow a path from a leaf's hash to the root (2.1.3.2). Raises ProofRefused."""
    if not 0 <= index < size:
        raise ProofRefused("the leaf lies outside the tree")
    node, last, result = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ProofRefused("the path is too long")
        if node % 2 or node == last:
            result = node_hash(sibling, result)
            while not node % 2 and node:
                node, last = node >> 1, last >> 1
        else:
            result = node_hash(result, sibling)
        node, last = node >> 1, last >> 1
    if last or result != root:
        raise ProofRefused("the path does not lead to the root")


def check_consistency(
    old_size: int, size: int, proof: Sequence[bytes], old_root: bytes, root: bytes
) -> None:
    """Check that a tree begins with an older one (2.1.4.2). Raises ProofRefused."""
    if not 0 <= old_size <= size:
        raise ProofRefused("the old tree is larger than the new one")
    if old_size in (0, size):
        expected = EMPTY_ROOT if old_size == 0 else root
        if proof or old_root != expected:
            raise ProofRefused("the roots differ, or the proof should be empty")
        return
    path = list(proof) if old_size & (old_size - 1) else [old_root, *proof]
    if not path:
        raise ProofRefused("the path is too short")
    if _rebuilt(path, old_size - 1, size - 1) != (old_root, root):
        raise ProofRefused("the path does not lead from the old root to the new one")


def _rebuilt(path: Proof, node: int, last: int) -> tuple[bytes, bytes] | None:
    """The old and the new root that a consistency path stands for."""
    while node % 2:
        node, last = node >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return None
        if node % 2 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not node % 2 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        node, last = node >> 1, last >> 1
    return None if last else (old, new)
