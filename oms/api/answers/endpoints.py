"""Who is told by webhooks, and what came of it."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from oms.api.answers.told import Told
from oms.ports.endpoints import Delivery, DeliveryStatus, Endpoint


class EndpointTold(Told):
    """An address that is told what happens."""

    id: int
    store: str
    url: str = Field(examples=["https://erp.shop.example/oms"])
    types: list[str] = Field(description="of what it is told", examples=[["order.moved", "invoice.issued"]])
    created_at: datetime
    created_by: str
    old_secret_until: datetime | None = Field(description="so long the old secret signs as well")
    failing_since: datetime | None = Field(description="no call has succeeded since; null: the last one did")
    disabled_at: datetime | None = Field(description="it is told nothing since")
    disabled_why: str | None


class NewEndpointTold(EndpointTold):
    """An endpoint whose secret is new."""

    secret: str = Field(description="signs what it is told; shown this once", examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])


class EndpointsTold(Told):
    """All of them, oldest first."""

    webhooks: list[EndpointTold]


class CallTold(Told):
    """One message for one endpoint."""

    id: int
    message: str = Field(description="the `webhook-id`", examples=["msg_5f0c3b2a"])
    type: str = Field(examples=["order.moved"])
    status: DeliveryStatus
    attempts: int
    created_at: datetime
    tried_at: datetime | None = Field(description="when it was tried last")
    next_at: datetime | None = Field(description="when it is tried next; null: it isn't")
    code: int | None = Field(description="HTTP status of the last answer; null: there was none")
    said: str | None = Field(description="why it was not delivered, in the first words of the receiver, or in ours")


class CallsTold(Told):
    """A page of deliveries, newest first."""

    deliveries: list[CallTold]
    next: str | None = Field(description="the cursor of the next page; null: there is none")


class AgainTold(Told):
    """What is told again."""

    resent: int


def endpoint_told(endpoint: Endpoint) -> EndpointTold:
    """Without its secrets."""
    return EndpointTold.model_validate({**_plain(endpoint)})


def new_endpoint_told(endpoint: Endpoint) -> NewEndpointTold:
    """With its secret."""
    return NewEndpointTold.model_validate({**_plain(endpoint), "secret": endpoint.secret})


def call_told(delivery: Delivery) -> CallTold:
    """As it stands."""
    return CallTold.model_validate(
        {**{name: getattr(delivery, name) for name in CallTold.model_fields if name != "message"}, "message": delivery.notice}
    )


def _plain(endpoint: Endpoint) -> dict[str, object]:
    named = {name: getattr(endpoint, name) for name in EndpointTold.model_fields if name != "old_secret_until"}
    return {**named, "types": list(endpoint.types), "old_secret_until": endpoint.old_until}
