"""The colours of charts: readable text, and apart for those who see red and green alike."""

from __future__ import annotations

import re
from itertools import combinations, pairwise

import numpy as np
import pytest

from barograph.publish.charts.style import style

# Machado, Oliveira and Fernandes (2009), table 1, severity 1: on linear RGB.
SIGHT = {
    "common": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
}
XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.072175],
        [0.0193339, 0.119192, 0.9503041],
    ]
)
DIMENSIONS = ("governance", "economy", "mobility", "environment", "people", "living")
CSS = style(
    'class="chart map level d1 d2 d3 d4 d5 s1 s2 s3 s4 s5 k0 k1 k2 k3 k4 k5 dot bar ground '
    "band track tick " + " ".join(f"dim-{d}" for d in DIMENSIONS) + '"'
)


def colour(selector):
    """The fill of the last rule of exactly this selector."""
    found = re.findall(re.escape(selector) + r"\{[^}]*fill:(#[0-9a-f]{6})", CSS)
    assert found, selector
    return found[-1]


def linear(hex_):
    rgb = np.array([int(hex_[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(hex_, sight):
    xyz = XYZ @ np.clip(SIGHT[sight] @ linear(hex_), 0, 1) / (XYZ @ np.ones(3))
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def apart(a, b, sight):
    """CIE 1976 difference."""
    return float(np.linalg.norm(lab(a, sight) - lab(b, sight)))


def contrast(a, b):
    light = sorted(0.05 + float(XYZ[1] @ linear(c)) for c in (a, b))
    return light[1] / light[0]


def fills(letter, count, prefix=".chart"):
    return [colour(f"{prefix} .{letter}{i}") for i in range(1, count + 1)]


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize(("letter", "prefix"), [("d", ".chart"), ("s", ".chart"), ("k", ".map")])
def test_steps_of_a_scale_are_apart(letter, prefix, sight):
    for a, b in pairwise(fills(letter, 5, prefix)):
        assert apart(a, b, sight) >= 12, (a, b)


@pytest.mark.parametrize("sight", SIGHT)
def test_both_ends_of_a_scale_with_a_middle_are_far_apart(sight):
    first, *_, last = fills("d", 5)
    assert apart(first, last, sight) >= 60


@pytest.mark.parametrize("sight", SIGHT)
def test_the_six_dimensions_are_apart(sight):
    for a, b in combinations([colour(f".dim-{d} .dot") for d in DIMENSIONS], 2):
        assert apart(a, b, sight) >= 20, (a, b)


def test_words_in_a_level_are_readable():
    paper, ink = colour(".chart .ground"), colour(".chart text")
    light = {"d1", "d5", "s4", "s5"}
    for letter in "ds":
        for i, ground in enumerate(fills(letter, 5), 1):
            text = paper if f"{letter}{i}" in light else ink
            assert contrast(text, ground) >= 4.5, (letter, i)


def test_words_beside_marks_are_readable():
    paper = colour(".chart .ground")
    assert contrast(colour(".chart text"), paper) >= 7
    assert contrast(colour(".chart .tick"), paper) >= 4.5
    for dimension in DIMENSIONS:
        assert contrast(colour(f".dim-{dimension} .dot"), paper) >= 4.5
