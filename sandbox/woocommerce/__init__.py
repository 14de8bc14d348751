"""The stand-in WooCommerce shop and its REST API."""
