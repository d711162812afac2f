"""Letters: written in the reader's language, kept until they are sent."""
