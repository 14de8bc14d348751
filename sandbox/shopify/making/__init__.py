"""Made-up records in Shopify's shapes, from the same people as the other stand-ins."""
