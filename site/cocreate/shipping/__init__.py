"""The same pages two ways: frozen for any host, or from memory by our own server."""
