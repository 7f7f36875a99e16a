"""Helpers for the whole package: matching of names, tables of records, downloads."""
