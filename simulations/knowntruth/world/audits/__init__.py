"""What else can be measured in a world: rating again, agreement, validation samples, exclusions."""
