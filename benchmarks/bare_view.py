"""What the service is measured against: a bare Flask view doing one psycopg2 INSERT."""

from __future__ import annotations

import json
import threading
from uuid import uuid4

import psycopg2
from flask import Flask, Response, jsonify, request

TABLE = """
CREATE SCHEMA IF NOT EXISTS bare;
CREATE TABLE IF NOT EXISTS bare.reports (
    id uuid PRIMARY KEY,
    body jsonb NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
)
"""
INSERT = "INSERT INTO bare.reports (id, body) VALUES (%s, %s)"


def bare_app(database_url: str) -> Flask:
    """One connection for each thread, one committed row for each request, nothing else."""
    app = Flask("bare")
    local = threading.local()

    def connection() -> psycopg2.extensions.connection:
        if not hasattr(local, "connection"):
            local.connection = psycopg2.connect(database_url)
            local.connection.autocommit = True
        opened: psycopg2.extensions.connection = local.connection
        return opened

    @app.get("/healthz")
    def alive() -> Response:
        return jsonify(status="alive")

    @app.post("/v1/cases")
    def report() -> tuple[Response, int]:
        body = request.get_json()
        identity = str(uuid4())
        with connection().cursor() as cursor:
            cursor.execute(INSERT, (identity, json.dumps(body)))
        return jsonify(id=identity, **body), 201

    return app
