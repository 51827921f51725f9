"""The nightly job: an import that nobody watches, from where its files come from to what is told of it."""
