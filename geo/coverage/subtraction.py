"""What sums give away: linear algebra over the groups of households that no sum tells apart.

An atom is a group of households that every published place holds wholly or not at all, in every
edition. A published figure is a sum over atoms, so whoever adds and subtracts figures can reach
exactly the row space of the matrix "place x atom". It gives households away if it holds a vector
that is zero but on atoms with fewer than k households together.

References
----------
L. Willenborg, T. de Waal, "Elements of Statistical Disclosure Control" (2001), chapter 4: primary
and complementary suppression, and the attack by a linear system that this plays through.
"""

from itertools import combinations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_TOLERANCE = 1e-9
_MOST_ATOMS = 15  # small ones; of more not every group is tried, and any that sums give away counts


def given_away(rows: Mask, households: Integers, *, k: int) -> int:
    """Count in how many independent ways sums tell of small atoms alone, if that gives one away.

    Parameters
    ----------
    rows : ndarray of bool, shape (places, atoms)
        Which atoms a published place holds.
    households : ndarray of int, shape (atoms,)
        In one month.
    k : int
        Nothing may be known of fewer households than this.

    Returns
    -------
    int
        0 where every vector in reach rests on at least `k` households.
    """
    there = households > 0
    matrix, sizes = rows[:, there].astype(np.float64), households[there]
    small = sizes < k
    if not small.any() or not len(matrix):
        return 0
    only = _on_small(matrix, small)
    if not len(only):
        return 0
    told = np.abs(only).max(axis=0) > _TOLERANCE
    only, sizes = only[:, told], sizes[small][told]
    if len(only) == 1:
        return int(sizes.sum() < k)
    if len(sizes) > _MOST_ATOMS:
        return len(only)
    return len(only) if _rests_on_few(only, sizes, k) else 0


def _on_small(matrix: Floats, small: Mask) -> Floats:
    """Give a basis of the combinations of rows that are zero on every atom that is not small."""
    left, values, _ = np.linalg.svd(matrix[:, ~small], full_matrices=True)
    rank = int((values > _TOLERANCE * max(1.0, values.max(initial=0))).sum())
    only = left[:, rank:].T @ matrix[:, small]
    _, values, basis = np.linalg.svd(only, full_matrices=False)
    found: Floats = basis[values > _TOLERANCE]
    return found


def _rests_on_few(basis: Floats, sizes: Integers, k: int) -> bool:
    """Tell whether a combination of the basis is zero but on fewer than k households."""
    rank = len(basis)
    atoms = range(len(sizes))
    for count in range(1, k):
        for group in combinations(atoms, count):
            if sizes[list(group)].sum() >= k:
                continue
            rest = np.delete(basis, group, axis=1)
            if np.linalg.matrix_rank(rest, tol=_TOLERANCE) < rank:
                return True
    return False


def to_hide(
    new: Mask, earlier: Mask, households: Integers, hidden: Mask, late: Integers, *, k: int
) -> Mask:
    """Choose which new places to hide, so that nothing is given away with all that is known.

    The smallest place that settles it is hidden, or else, one after the other, those that leave
    least to be told; none of them could be shown again.

    Parameters
    ----------
    new, earlier : ndarray of bool, shapes (n, atoms), (m, atoms)
        Places that might be published, and those that were.
    households : ndarray of int, shape (months, atoms)
    hidden : ndarray of bool, shape (n,)
        Places that are hidden in any case.
    late : ndarray of int, shape (n,)
        Places of the higher number are hidden only where hiding others is not enough.
    k : int

    Returns
    -------
    ndarray of bool, shape (n,)
        `hidden` and what must be hidden beside it. What earlier figures give away by themselves
        cannot be taken back; then nothing is added to it.
    """
    months = np.unique(households, axis=0)
    before = [given_away(earlier, month, k=k) for month in months]
    told_already = {row.tobytes() for row in earlier}
    repeats = np.array([row.tobytes() in told_already for row in new], dtype=bool)

    def left_over(gone: Mask) -> int:
        shown = np.concatenate([earlier, new[~gone]])
        # New places can only add to what the earlier ones told.
        return sum(
            max(0, given_away(shown, month, k=k) - known)
            for month, known in zip(months, before, strict=True)
        )

    gone = hidden.copy()
    size = (new * households.max(axis=0)).sum(axis=1)
    order = np.lexsort((np.arange(len(new)), size, late))
    able = [row for row in order if not gone[row] and not repeats[row] and size[row] > 0]
    places = np.arange(len(new))
    rest = left_over(gone)
    while rest and able:
        rests = []
        for row in able:
            rests.append(left_over(gone | (places == row)))
            if not rests[-1]:
                break
        best = int(np.argmin(rests))
        rest = rests[best]
        gone[able.pop(best)] = True
    # What was hidden on the way and is not needed in the end, the last choice first.
    for row in order[::-1]:
        if gone[row] and not hidden[row] and left_over(gone & (places != row)) <= rest:
            gone[row] = False
    return gone
