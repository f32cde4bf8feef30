"""Subtitles and their translations: tables that a video's deletion empties; nothing writes them yet."""
