"""The static copy: every page rendered once, made small and checked, for any host."""
