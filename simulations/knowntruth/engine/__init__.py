"""What drives a world: mechanisms, their dials and noise, interventions, and the functions that they share."""
