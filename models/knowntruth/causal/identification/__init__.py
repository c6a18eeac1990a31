"""Can an effect be had from what is observed? Adjustment, instruments, front door, the ID algorithm."""
