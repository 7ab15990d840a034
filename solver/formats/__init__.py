"""The file forms: `escala-problem/1`, `escala-roster/1` and published benchmark forms."""
