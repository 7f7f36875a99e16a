"""Marks that count: answers are judged in another process than that of the student's code."""
