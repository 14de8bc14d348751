"""A stand-in Shopify: real GraphQL operations over a part of the Admin API's own schema."""
