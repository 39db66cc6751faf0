"""Reads off augmented images what was done to them, whatever was drawn.

The images that go in are `patterns`: each pixel is dark or light, at random. So it can be found
out for each image whether it was mirrored, how far it was moved, what came in, and how its light
was changed; and the answer is put into a sentence that does not depend on the draws.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np

DARK, LIGHT = 0.25, 0.75
FARTHEST = 4  # pixels; what moved farther is not found
TURNS = {"": (1, 1), "left to right": (1, -1), "upside down": (-1, 1), "both": (-1, -1)}
ALIKE, NOTHING = "all images are changed alike", "nothing is changed"
BLANK = "no picture is left: each is all black or all white"
BORDERS = {
    "edge": "the edge pixels are repeated",
    "zeros": "black comes in",
    "wrap": "what went out comes in on the other side",
    "symmetric": "a mirror image comes in",
    "reflect": "a mirror image comes in, without the edge pixels",
}


def patterns(rng, shape):
    """Images of dark and light pixels at random."""
    return rng.choice([DARK, LIGHT], shape).astype("float32")


@dataclass(frozen=True)
class Change:
    """What was done to each of N images.

    Attributes:
        turns: names out of `TURNS`, a list.
        moves: whole pixels, down and right, ``(N, 2)``.
        borders: one of `BORDERS`, or "other": what comes in at the sides.
        dark, light: what dark and light pixels have become, the mean of each image, ``(N,)``.
        uneven: by how much pixels that were equal differ now, at most, over all images.
        mixed: whether pixels come nearer to their neighbours, as moving by half a pixel does it.
        alike: a sentence, where there is nothing more to say; else "".
    """

    turns: list
    moves: np.ndarray
    borders: str
    dark: np.ndarray
    light: np.ndarray
    uneven: float
    mixed: bool
    alike: str

    def mirrored(self):
        """A sentence on how many are mirrored, and how."""
        if self.alike:
            return self.alike
        if {"upside down", "both"} & set(self.turns):
            return "some are upside down"
        share = self.turns.count("left to right") / len(self.turns)
        if not 0.15 <= share <= 0.85:
            return "all are mirrored" if share > 0.5 else "none is mirrored"
        return "about half are mirrored left to right, the others are not"

    def moved(self):
        """A sentence on how far they are moved, and what comes in."""
        if self.alike:
            return self.alike
        if self.mixed:
            return "moved by parts of a pixel, which mixes pixels with their neighbours"
        if not self.moves.any():
            return "none is moved"
        ends = zip(("down", "right"), self.moves.min(axis=0), self.moves.max(axis=0), strict=True)
        reach = ", ".join(f"{way} by {low} to {high}" for way, low, high in ends)
        together = np.array_equal(self.moves[:, 0], self.moves[:, 1])
        same = ", always as far down as to the right" if together and self.moves.any() else ""
        return f"moved {reach} pixels{same}; {BORDERS.get(self.borders, 'something else comes in')}"

    def lit(self, most):
        """A sentence on how much brighter or darker, where `most` is the limit."""
        if self.alike:
            return self.alike
        if self.mixed:
            return "pixels are mixed with their neighbours"
        if self.uneven > 0.01:
            return "each pixel has an amount of its own"
        if np.abs(self.light - self.dark - (LIGHT - DARK)).max() > 0.005:
            return "light pixels change more than dark ones"
        amounts = self.dark - DARK
        low, high = amounts.min(), amounts.max()
        if max(-low, high) > most + 0.002:
            return f"some are brighter or darker by more than {most}"
        if max(-low, high) < most / 2:
            return f"the light changes by less than {most / 2:g}, or not at all"
        if min(-low, high) < most / 4:
            return "all become brighter" if high > -low else "all become darker"
        return f"some are brighter, some darker, by up to {most}"


def of(before, after):
    """The `Change` from patterns ``(N, H, W, C)`` to images of the same shape."""
    before, after = (np.ascontiguousarray(images, "float32") for images in (before, after))
    return _read(before.tobytes(), after.tobytes(), before.shape)


@lru_cache(maxsize=8)  # the properties of an exercise ask for the same images in turn
def _read(before, after, shape):
    before, after = (np.frombuffer(raw, "float32").reshape(shape) for raw in (before, after))
    turns, moves = _places(before, after)
    dark, light, uneven, off = [], [], 0.0, dict.fromkeys(BORDERS, 0.0)
    steps, slopes = [], []  # of all pixels: how they changed, and what neighbours they had
    for source, image, turn, (down, right) in zip(before, after, turns, moves, strict=True):
        rows, columns = TURNS[turn]
        source = source[::rows, ::columns]
        old, new = _overlap(source[None], image[None], down, right)
        soft = _overlap(_softened(source[None]), image[None], down, right)[0]
        steps.append((new - old - (new - old).mean()).ravel())
        slopes.append((soft - old - (soft - old).mean()).ravel())
        groups = [new[old == value] for value in (DARK, LIGHT)]
        groups = [group if group.size else np.zeros(1) for group in groups]
        dark.append(groups[0].mean())
        light.append(groups[1].mean())
        uneven = max(uneven, *(float(np.ptp(group)) for group in groups))
        for border, error in _border_errors(source, image, (down, right), dark[-1] - DARK).items():
            off[border] += error
    borders = min(off, key=off.get)
    borders = borders if off[borders] < 0.15 * len(before) else "other"
    mixed = uneven > 0.01 and _correlation(np.concatenate(steps), np.concatenate(slopes)) > 0.3
    alike = _alike(before, after, turns, moves, np.array(dark))
    return Change(turns, moves, borders, np.array(dark), np.array(light), uneven, mixed, alike)


def _softened(images):
    """The mean of each pixel and its eight neighbours; at the border, the edge repeated."""
    height, width = images.shape[1:3]
    padded = np.pad(images, [(0, 0), (1, 1), (1, 1), (0, 0)], "edge")
    near = product(range(3), repeat=2)
    return sum(padded[:, i : i + height, j : j + width] for i, j in near) / 9


def _correlation(one, other):
    return float(one @ other / max(np.linalg.norm(one) * np.linalg.norm(other), 1e-9))


def _places(before, after):
    """For each image its turn and its move: those after which old and new differ most evenly."""
    best = np.full(len(before), np.inf)
    turns, moves = [""] * len(before), np.zeros((len(before), 2), int)
    ways = sorted(product(range(-FARTHEST, FARTHEST + 1), repeat=2), key=lambda way: np.hypot(*way))
    for name, (rows, columns) in TURNS.items():
        source = before[:, ::rows, ::columns]
        for down, right in ways:
            old, new = _overlap(source, after, down, right)
            off = (new - old).var(axis=(1, 2, 3))
            for index in np.flatnonzero(off < best - 1e-6):
                best[index], turns[index], moves[index] = off[index], name, (down, right)
    return turns, moves


def _overlap(old, new, down, right):
    """The pixels of `old` that are still there after a move, and where they are in `new`."""
    height, width = old.shape[1:3]
    there = np.s_[:, max(down, 0) : height + min(down, 0), max(right, 0) : width + min(right, 0)]
    here = np.s_[:, max(-down, 0) : height - max(down, 0), max(-right, 0) : width - max(right, 0)]
    return old[here], new[there]


def _border_errors(source, image, move, light):
    """For each way to fill: how far the pixels that came in are from it, on average."""
    height, width = source.shape[:2]
    came_in = np.ones((height, width), bool)
    _overlap(source[None], came_in[None, :, :, None], *move)[1][:] = False
    if not came_in.any():
        return dict.fromkeys(BORDERS, 0.0)
    errors = {}
    for border in BORDERS:
        mode = "constant" if border == "zeros" else border
        padded = np.pad(source, [(FARTHEST, FARTHEST)] * 2 + [(0, 0)], mode)
        top, left = FARTHEST - move[0], FARTHEST - move[1]
        filled = padded[top : top + height, left : left + width]
        lit = np.clip(filled + light, 0, 1)
        off = np.abs(image - lit)
        if border == "zeros":  # the light may have been changed before the black came in
            off = np.minimum(off, np.abs(image))
        errors[border] = float(off[came_in].mean())
    return errors


def _alike(before, after, turns, moves, dark):
    if np.array_equal(before, after):
        return NOTHING
    if np.ptp(after, axis=(1, 2, 3)).max() == 0:
        return BLANK
    same = len(set(turns)) == 1 and not np.ptp(moves, axis=0).any() and np.ptp(dark) < 1e-4
    return ALIKE if same else ""
