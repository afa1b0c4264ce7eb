"""The pages of the interview: each takes a visit, calls what does the work, and shows or redirects."""
