"""What `make test` does around pytest: tools, databases, both of them in turn, and a last word on what was missing."""
