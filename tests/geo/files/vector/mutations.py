"""Seeded damage to files: what a wire, a disk, an editor or an attacker does to them."""

import numpy as np

# Pieces that parsers trip over.
MORSELS = (
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"NaN",
    b"-Infinity",
    b"1e999",
    b"null",
    b"{}",
    b"[[[[",
    b"\\u0000",
    b"99999999999999999999",
    b'"crs":{"type":"link"},',
    b"GCJ-02",
    b"EPSG:99999",
    "建".encode("gb18030"),
)


def mutated(body: bytes, rng: np.random.Generator) -> bytes:
    """Damage a file in one to four places: bits, bytes, pieces lost, doubled, moved or put in."""
    made = bytearray(body)
    for _ in range(rng.integers(1, 5)):
        at = int(rng.integers(len(made) + 1))
        size = int(rng.choice([1, 2, 4, 16, 200]))
        match int(rng.integers(7)):
            case 0 if made:
                made[min(at, len(made) - 1)] ^= 1 << int(rng.integers(8))
            case 1:
                del made[at : at + size]
            case 2:
                made[at:at] = made[at : at + size]
            case 3:
                made[at:at] = MORSELS[int(rng.integers(len(MORSELS)))]
            case 4:
                made[at : at + size] = rng.bytes(size)
            case 5:
                piece = MORSELS[int(rng.integers(len(MORSELS)))]
                made[at : at + len(piece)] = piece
            case _ if rng.random() < 0.2:
                del made[at:]
    return bytes(made)
