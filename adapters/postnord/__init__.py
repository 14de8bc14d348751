"""PostNord: parcels tracked, and letters to the carrier."""
