"""WordPress' error bodies."""

from typing import Any

from sandbox.wire import Answer, ServiceError


def rest_error(status: int, code: str, message: str, **data: Any) -> ServiceError:
    """An error as WordPress' REST server words it."""
    return ServiceError(
        Answer(status, {"code": code, "message": message, "data": {"status": status, **data}})
    )


def invalid_param(name: str, message: str, code: str, data: Any = None) -> ServiceError:
    """The 400 for one parameter that fails its schema."""
    details = {name: {"code": code, "message": message, "data": data}}
    return rest_error(
        400, "rest_invalid_param", f"Invalid parameter(s): {name}", params={name: message}, details=details
    )


def no_route() -> ServiceError:
    """The 404 for an address or a method that no route has."""
    return rest_error(404, "rest_no_route", "No route was found matching the URL and request method.")


def item_error(item_id: Any, error: ServiceError) -> dict[str, Any]:
    """How a batch reports the failure of one item inside its 200."""
    return {"id": item_id, "error": error.answer.body}
