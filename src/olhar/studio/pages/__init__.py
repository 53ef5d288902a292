"""The pages, one a file: each has `build(studio)`, called where its parts shall stand."""
