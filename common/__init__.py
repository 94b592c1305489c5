"""What every room may know: errors, files and the clock."""
