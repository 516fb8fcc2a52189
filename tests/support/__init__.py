"""Running Markdown fixtures: the format, the log, and the programs under test."""
