"""Backups of a whole installation: its database and its stored files, consistent with each other.

A backup is a place (a folder, a bucket or a tar file) with the database's rows in pieces, each file under its SHA-256,
and a manifest that names them all and is written last. Without it the rest is no backup.
"""
