"""Fitting a world's dials to the published figures by the method of simulated moments."""
