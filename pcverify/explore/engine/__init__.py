"""One controlled run: its tasks, who can go on, who goes next, and what is said about it."""
