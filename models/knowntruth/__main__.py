"""``python -m knowntruth`` is the command ``knowntruth``."""

from knowntruth.workbench.cli import main

if __name__ == "__main__":
    main()
