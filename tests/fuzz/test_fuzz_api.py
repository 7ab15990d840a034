"""The API against its own document: whatever is sent, an answer that the document promises."""

from __future__ import annotations

import datetime as dt

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from small_world import SmallWorld

from app.models import User
from app.services import api_keys
from app.services.rights import actor_of

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_answer_is_one_of_the_document(
    app: Flask, world: SmallWorld, mode: GenerationMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`positive` is what the document allows, `negative` what it forbids."""
    monkeypatch.setattr(api_keys, "REQUESTS_A_MINUTE", 1_000_000)
    administrator = actor_of(User.get(User.email == world.administrator))
    now = dt.datetime.now(dt.UTC)
    _id, secret = api_keys.create_key(administrator, "Tickets", ["lisbon", "azores"], now)
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    (operation,) = (found.ok() for found in schema.get_all_operations())

    @settings(
        max_examples=40, deadline=dt.timedelta(seconds=20), suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case: schemathesis.Case) -> None:
        answer = case.call(headers={"Authorization": f"Bearer {secret}"})
        case.validate_response(answer, checks=CHECKS)

    run()
