"""Jobs of the commands that analyse anyone's sessions."""
