"""What the photos model looks like."""

from data.photos.pictures import LABELS, SIDE
from data.plain_net import Plan

PLAN = Plan("photos", SIDE, ((32,), (64, 64), (160, 160, 160), (320, 320, 320)), len(LABELS), first=(7, 2))
