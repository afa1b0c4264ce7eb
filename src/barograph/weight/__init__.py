"""From respondents to all.

In: a `Frame`, the responding units, the `Weighting` that wave.toml names.
Out: `Sample`: who answered, in which cell of the frame, with which weight, and the `WeightRecord`
that tells how the weights came about. No figure is made without one.
"""

from barograph.weight.calibrate import calibrate
from barograph.weight.sample import Design, Sample, WeightRecord
from barograph.weight.weighting import Propensity, Weighting, columns_of

__all__ = ["Design", "Propensity", "Sample", "WeightRecord", "Weighting", "calibrate", "columns_of"]
