"""How fast the explorer is, what it needs, and how soon it finds bugs. Not tests: `make bench-explore` runs them."""
