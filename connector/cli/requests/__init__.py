"""What `gallra request` answers with: copies and letters."""
