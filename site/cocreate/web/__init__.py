"""What a visitor meets: pages, forms, links in mails, and what guards them."""
