"""Why one record stays or goes."""
