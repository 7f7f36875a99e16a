"""What the photos model looks like."""

from data.photos.pictures import LABELS, SIDE
from data.plain_net import Plan

PLAN = Plan("photos", SIDE, ((40,), (80, 80), (192, 192, 192), (384, 384, 384)), len(LABELS), first=(7, 2))
