"""From respondents to all.

In: a `Frame`, the responding units, the margins named in `wave.toml`.
Out: `Sample`: who answered, in which cell of the frame, with which weight, and the `WeightRecord`
that tells how the weights came about. No figure is made without one.
"""

from barograph.weight.calibrate import METHODS, calibrate
from barograph.weight.sample import Design, Sample, WeightRecord

__all__ = ["METHODS", "Design", "Sample", "WeightRecord", "calibrate"]
