"""Tests run two at a time on two cores: threads within each would wait for one another more than they would work."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
