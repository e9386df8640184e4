"""Whole files are scored a few thousand rows at a time: check, score, write, in bounded memory."""

from mlcore.handoff.batch.asked import Asked
from mlcore.handoff.batch.handling import HANDLED, Action, Handling
from mlcore.handoff.batch.scored import Fault, Scored, Total
from mlcore.handoff.batch.scoring import score_rows

__all__ = ["HANDLED", "Action", "Asked", "Fault", "Handling", "Scored", "Total", "score_rows"]
