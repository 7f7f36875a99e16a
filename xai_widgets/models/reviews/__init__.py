"""Reviews of films in English and French, written by a grammar of our own, and others written by hand.

Examples
--------
>>> [review.feeling for review in sample_reviews("fr", 4)]
[0, 1, 0, 1]
"""

from xai_widgets.models.reviews.grammar import FEELINGS, KINDS, Review, held_out_reviews, sample_reviews

__all__ = ["FEELINGS", "KINDS", "Review", "held_out_reviews", "sample_reviews"]
