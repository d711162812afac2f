"""The live site: frozen pages from memory, everything else by Flask, under granian."""
