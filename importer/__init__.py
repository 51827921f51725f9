"""Bulk customer importer."""
