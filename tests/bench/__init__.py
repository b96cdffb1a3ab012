"""What `make bench` measures: the product against the same work done bare, as ratios in one run."""
