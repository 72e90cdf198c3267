"""What an account is made of: itself, its numbers, its messaging services, its alerts."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.twilio_api.account import Alert, Number, Service, ShortCode, TwilioAccount
from tests.twilio_api.wire import (
    Reply,
    Request,
    error,
    iso8601,
    list_of_2010,
    list_of_product,
    rfc2822,
)

MESSAGING = "https://messaging.twilio.com"
MONITOR = "https://monitor.twilio.com"

# Parameter of an update: the field that it sets.
_OF_NUMBER = {
    "FriendlyName": "friendly_name",
    "SmsUrl": "sms_url",
    "SmsMethod": "sms_method",
    "SmsFallbackUrl": "sms_fallback_url",
    "SmsFallbackMethod": "sms_fallback_method",
    "SmsApplicationSid": "sms_application_sid",
    "StatusCallback": "status_callback",
    "StatusCallbackMethod": "status_callback_method",
}
_OF_SERVICE = {
    "FriendlyName": "friendly_name",
    "InboundRequestUrl": "inbound_request_url",
    "InboundMethod": "inbound_method",
    "FallbackUrl": "fallback_url",
    "FallbackMethod": "fallback_method",
    "StatusCallback": "status_callback",
    "UseInboundWebhookOnNumber": "use_inbound_webhook_on_number",
}


def fetch_account(account: TwilioAccount, request: Request) -> Reply:
    """Return the account itself."""
    body = {
        "auth_token": account.tokens[0],
        "friendly_name": account.friendly_name,
        "owner_account_sid": account.sid,
        "sid": account.sid,
        "status": account.status,
        "type": "Full",
        "uri": request.path,
    }
    return Reply(200, body)


def list_numbers(account: TwilioAccount, request: Request) -> Reply:
    """List phone numbers."""
    wanted = request.query.get("PhoneNumber", "")
    found = [number for number in account.numbers if wanted in number.phone_number]
    return list_of_2010(
        request, "incoming_phone_numbers", found, lambda number: _number(account, number)
    )


def fetch_number(account: TwilioAccount, request: Request) -> Reply:
    """Return one phone number."""
    number = _find(account.numbers, request.ids["sid"])
    return Reply(200, _number(account, number)) if number else error(404)


def update_number(account: TwilioAccount, request: Request) -> Reply:
    """Change one phone number."""
    number = _find(account.numbers, request.ids["sid"])
    if number is None:
        return error(404)
    _update(number, _OF_NUMBER, request)
    return Reply(200, _number(account, number))


def list_services(account: TwilioAccount, request: Request) -> Reply:
    """List messaging services."""
    return list_of_product(
        request,
        "services",
        account.services,
        lambda service: _service(account, service),
        host=MESSAGING,
    )


def fetch_service(account: TwilioAccount, request: Request) -> Reply:
    """Return one messaging service."""
    service = _find(account.services, request.ids["sid"])
    return Reply(200, _service(account, service)) if service else error(404)


def update_service(account: TwilioAccount, request: Request) -> Reply:
    """Change one messaging service."""
    service = _find(account.services, request.ids["sid"])
    if service is None:
        return error(404)
    _update(service, _OF_SERVICE, request)
    return Reply(200, _service(account, service))


def list_service_numbers(account: TwilioAccount, request: Request) -> Reply:
    """List the phone numbers of a messaging service."""
    service: Service | None = _find(account.services, request.ids["sid"])
    if service is None:
        return error(404)

    def render(number: Number) -> dict[str, Any]:
        return _sender(account, service, number) | {"phone_number": number.phone_number}

    return list_of_product(request, "phone_numbers", service.numbers, render, host=MESSAGING)


def list_service_short_codes(account: TwilioAccount, request: Request) -> Reply:
    """List the short codes of a messaging service."""
    service: Service | None = _find(account.services, request.ids["sid"])
    if service is None:
        return error(404)

    def render(code: ShortCode) -> dict[str, Any]:
        return _sender(account, service, code) | {"short_code": code.short_code}

    return list_of_product(request, "short_codes", service.short_codes, render, host=MESSAGING)


def list_alerts(account: TwilioAccount, request: Request) -> Reply:
    """List the error log, newest first; times are bounds in ISO 8601, whole days among them."""
    level = request.query.get("LogLevel")
    first, last = request.query.get("StartDate", ""), request.query.get("EndDate", "9")
    found = [
        alert
        for alert in sorted(account.alerts, key=lambda a: a.date_generated, reverse=True)
        if level in {None, alert.log_level}
        and first <= iso8601(alert.date_generated)
        and iso8601(alert.date_generated)[: len(last)] <= last
    ]
    return list_of_product(
        request, "alerts", found, lambda alert: _alert(account, alert), host=MONITOR
    )


def fetch_alert(account: TwilioAccount, request: Request) -> Reply:
    """Return one alert, which alone holds what was asked and answered."""
    alert: Alert | None = _find(account.alerts, request.ids["sid"])
    if alert is None:
        return error(404)
    asked = {"request_variables": alert.request_variables, "response_body": alert.response_body}
    return Reply(200, _alert(account, alert) | asked)


def _find(held: Sequence[Any], sid: str) -> Any:
    return next((each for each in held if each.sid == sid), None)


def _update(held: object, names: Mapping[str, str], request: Request) -> None:
    for parameter, name in names.items():
        value = request.given(parameter)
        if value is not None:
            is_bool = isinstance(getattr(held, name), bool)
            setattr(held, name, value == "true" if is_bool else value)


def _number(account: TwilioAccount, number: Number) -> dict[str, Any]:
    return {
        "account_sid": account.sid,
        "api_version": "2010-04-01",
        "capabilities": {"fax": False, "mms": True, "sms": True, "voice": True},
        "date_created": rfc2822(None),
        "phone_number": number.phone_number,
        "sid": number.sid,
        "status": "in-use",
        "uri": f"/2010-04-01/Accounts/{account.sid}/IncomingPhoneNumbers/{number.sid}.json",
        **{name: getattr(number, name) for name in _OF_NUMBER.values()},
    }


def _service(account: TwilioAccount, service: Service) -> dict[str, Any]:
    url = f"{MESSAGING}/v1/Services/{service.sid}"
    return {
        "account_sid": account.sid,
        "links": {"phone_numbers": f"{url}/PhoneNumbers", "short_codes": f"{url}/ShortCodes"},
        "sid": service.sid,
        "url": url,
        "validity_period": 36000,
        **{name: getattr(service, name) for name in _OF_SERVICE.values()},
    }


def _sender(account: TwilioAccount, service: Service, sender: Number | ShortCode) -> dict[str, Any]:
    return {
        "account_sid": account.sid,
        "capabilities": ["SMS"],
        "country_code": "US",
        "service_sid": service.sid,
        "sid": sender.sid,
    }


def _alert(account: TwilioAccount, alert: Alert) -> dict[str, Any]:
    return {
        "account_sid": account.sid,
        "alert_text": alert.alert_text,
        "api_version": "2010-04-01",
        "date_created": iso8601(alert.date_generated),
        "date_generated": iso8601(alert.date_generated),
        "date_updated": iso8601(alert.date_generated),
        "error_code": alert.error_code,
        "log_level": alert.log_level,
        "more_info": f"https://www.twilio.com/docs/errors/{alert.error_code}",
        "request_method": "POST",
        "request_url": alert.request_url,
        "resource_sid": alert.resource_sid,
        "sid": alert.sid,
        "url": f"{MONITOR}/v1/Alerts/{alert.sid}",
    }


def fetch_deactivations(account: TwilioAccount, request: Request) -> Reply:
    """Name the file of the numbers that were given up on a day."""
    address = account.deactivations.get(request.query.get("Date", ""))
    if address is None:
        return error(404)
    return Reply(307, {"redirect_to": address})
