"""What is answered, as the OpenAPI document tells it. Amounts are texts in the order's currency; times are UTC."""
