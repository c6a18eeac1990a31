"""The parts that worlds are built from: mechanisms, dials, keyed noise, interventions and shared functions."""
