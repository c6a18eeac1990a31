"""Benchmarks are programs whose files import each other by name, so their folder is put last on the path."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
