"""What a platform tells the shop by itself: queued sealed when it comes, settled by the next run."""
