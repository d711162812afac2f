"""Letters that managers write to members, and send from their own computers."""
