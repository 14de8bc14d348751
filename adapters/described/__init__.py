"""Recipients that are a TOML file each: what carries out any of them, and the files that come with Gallra."""
