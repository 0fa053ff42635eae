"""The engine that feeds the read models, wired for the command line."""

from projections.read_models import READ_MODELS

from projections.engine import ProjectionEngine
from service.assembly import Service


def build_engine(service: Service) -> ProjectionEngine:
    """Feeds every read model of this service's database."""
    return ProjectionEngine(service.engine, service.recorder, service.mapper, READ_MODELS)
