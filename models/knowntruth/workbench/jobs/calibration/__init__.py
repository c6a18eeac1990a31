"""Jobs of the commands that compare worlds with the published figures."""
