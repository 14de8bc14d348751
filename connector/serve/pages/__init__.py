"""The pages of `gallra web` and `gallra serve`: a shop's owner reads, holds, approves and ticks off."""
