"""Roots and proofs are those of RFC 9162: other people's implementations say the same."""

from __future__ import annotations

import random

import metamorphic_log
import pymerkle
import pytest

from projections.ledger.edge import Edge
from projections.ledger.merkle import (
    EMPTY_ROOT,
    ProofRefused,
    check_consistency,
    check_inclusion,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root_of,
)

MANY = 2_100
DATA = [f"event {number}".encode() for number in range(MANY)]
LEAVES = [leaf_hash(data) for data in DATA]
SIZES = [*range(20), 255, 256, 257, 511, 512, 1_000, MANY]


@pytest.fixture(scope="module")
def oracle() -> pymerkle.InmemoryTree:
    """A tree over the same leaves, made by somebody else."""
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for data in DATA:
        tree.append_entry(data)
    return tree


def hash_of(start: int, end: int) -> bytes:
    return root_of(LEAVES[start:end])


def pairs(seed: int, count: int) -> list[tuple[int, int]]:
    """Random pairs of a size and something smaller."""
    chance = random.Random(seed)
    sizes = [chance.randint(1, MANY) for _ in range(count)]
    return [(chance.randrange(size), size) for size in sizes]


def test_the_empty_tree_has_the_root_of_nothing() -> None:
    edge = Edge()

    assert edge.root() == root_of([]) == EMPTY_ROOT


@pytest.mark.parametrize("size", [size for size in SIZES if size])
def test_roots_equal_those_of_pymerkle(oracle: pymerkle.InmemoryTree, size: int) -> None:
    leaves = LEAVES[:size]

    assert root_of(leaves) == oracle.get_root(size)


@pytest.mark.parametrize("seed", range(20))
def test_an_edge_grown_in_pages_has_the_same_root(seed: int) -> None:
    chance, edge = random.Random(seed), Edge()

    while edge.size < MANY:
        edge.append(LEAVES[edge.size : edge.size + chance.randint(1, 700)])
        assert edge.root() == hash_of(0, edge.size)


def test_an_edge_gives_out_every_node_it_completes() -> None:
    edge = Edge()

    nodes = [*edge.append(LEAVES[:300]), *edge.append(LEAVES[300:])]

    assert [(node.height, node.number) for node in nodes] == [(8, n) for n in range(MANY // 256)]
    assert all(node.hash == hash_of(node.number * 256, node.number * 256 + 256) for node in nodes)


@pytest.mark.parametrize(("index", "size"), pairs(seed=1, count=60))
def test_inclusion_proofs_are_those_of_pymerkle_and_accepted_by_another(
    oracle: pymerkle.InmemoryTree, index: int, size: int
) -> None:
    root = hash_of(0, size)

    proof = inclusion_proof(index, size, hash_of)

    assert [LEAVES[index], *proof] == oracle.prove_inclusion(index + 1, size).path
    metamorphic_log.verify_inclusion(index, size, LEAVES[index], proof, root)
    check_inclusion(LEAVES[index], index, size, proof, root)


@pytest.mark.parametrize(("old_size", "size"), [*pairs(seed=2, count=60), (MANY, MANY)])
def test_consistency_proofs_are_accepted_by_another(old_size: int, size: int) -> None:
    old_root, root = hash_of(0, old_size), hash_of(0, size)

    proof = consistency_proof(old_size, size, hash_of)

    if old_size:
        metamorphic_log.verify_consistency(old_size, size, proof, old_root, root)
    check_consistency(old_size, size, proof, old_root, root)


@pytest.mark.parametrize(("index", "size"), pairs(seed=3, count=40))
def test_a_path_with_anything_wrong_is_refused(index: int, size: int) -> None:
    leaf, root, proof = LEAVES[index], hash_of(0, size), inclusion_proof(index, size, hash_of)
    wrong = [
        (leaf_hash(b"another"), index, size, proof, root),
        (leaf, index, size, [*proof, root], root),
        (leaf, index, size, proof, leaf_hash(b"another")),
        (leaf, size, size, proof, root),
        (leaf, -1, size, proof, root),
    ]

    for attempt in wrong:
        with pytest.raises(ProofRefused):
            check_inclusion(*attempt)


@pytest.mark.parametrize(("old_size", "size"), pairs(seed=4, count=40))
def test_a_history_that_changed_is_refused(old_size: int, size: int) -> None:
    other = leaf_hash(b"another")
    proof = consistency_proof(old_size, size, hash_of)
    wrong = [
        (old_size, size, proof, other, hash_of(0, size)),
        (old_size, size, [*proof, other], hash_of(0, old_size), hash_of(0, size)),
        (size + 1, size, proof, hash_of(0, size), hash_of(0, size)),
        *([(old_size, size, proof, hash_of(0, old_size), other)] if old_size else []),
        *([(old_size, size, proof[:-1], hash_of(0, old_size), hash_of(0, size))] if proof else []),
    ]

    for attempt in wrong:
        with pytest.raises(ProofRefused):
            check_consistency(*attempt)


def test_a_proof_for_what_lies_outside_is_refused() -> None:
    outside = 5

    with pytest.raises(ValueError, match="outside"):
        inclusion_proof(outside, 5, hash_of)
    with pytest.raises(ValueError, match="larger"):
        consistency_proof(outside + 1, 5, hash_of)
