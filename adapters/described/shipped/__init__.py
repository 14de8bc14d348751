"""The descriptions that come with Gallra: a file each."""
