"""From any file to a table that can be trusted: read, join, profile, clean. Every decision is noted."""
