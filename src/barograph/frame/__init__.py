"""Who is surveyed.

In: `frame/municipalities.csv` (units with dated validity and attributes), `frame/mergers.csv`.
Out: `Frame`, the units valid on a date with their domains; `kept`, which of them are still the same
on another date.
Called by the wave, the weights and the map. Knows nothing of questions or answers.
"""

from barograph.frame.succession import Succession, kept, successions
from barograph.frame.units import Domain, Frame, read

__all__ = ["Domain", "Frame", "Succession", "kept", "read", "successions"]
