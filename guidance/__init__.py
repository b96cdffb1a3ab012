"""Advice: which Amazon SES credential fits, and how to use it. It writes nothing and calls nothing."""
