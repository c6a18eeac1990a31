"""Commands that analyse anyone's sessions."""
