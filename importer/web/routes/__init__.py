"""The pages: one module per step. A route reads a form, calls the library, renders what came of it."""
