"""What the watch looks at, one file each, and how facts become alerts."""
