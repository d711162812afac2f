"""The ``cocreate`` commands, one module a topic."""
