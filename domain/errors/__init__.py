"""What the domain refuses, and by which stable code."""

from domain.errors.refusal import *
from domain.errors.any_step import *
from domain.errors.intake import *
from domain.errors.solving import *
from domain.errors.outcome import *
from domain.errors.follow_up import *
from domain.errors.handling import *
from domain.errors.commitments import *
from domain.errors.exceptional import *
from domain.errors.raising import *
from domain.errors.alarms import *
from domain.errors.risk import *
from domain.errors.reviews import *
