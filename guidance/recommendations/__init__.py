"""What the wizard can answer, as data: each recommendation whole, with its steps, its reasons and its traps."""
