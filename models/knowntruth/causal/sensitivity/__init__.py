"""How strong a hidden cause would have to be: partial R², contours, bounds of omitted variables, overlap."""
