"""WooCommerce through its REST API: orders, customers, reviews and coupons of one shop."""
