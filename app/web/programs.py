"""The endpoints of messaging programs."""

from flask import Blueprint, Response, request

from app.actions import programs
from app.actions.keys import Role
from app.actions.programs import Mapped
from app.core.errors import UnknownProgram
from app.core.intent import Hearing
from app.core.program import Program
from app.core.replies import Reply
from app.web import access, wire
from app.web.problems import problem
from app.web.shapes import programs as shapes
from app.wiring import Services


def blueprint(services: Services) -> Blueprint:
    """Return the routes under `/v1/programs`."""
    api = Blueprint("programs", __name__, url_prefix="/v1/programs")
    region = services.settings.default_region

    @api.errorhandler(UnknownProgram)
    def not_here(fault: UnknownProgram) -> Response:
        """A program named in the path is the resource itself, and not there."""
        return problem(404, fault.code, str(fault))

    @api.get("")
    def listed() -> Response:
        access.require(services, Role.ADMIN)
        held = programs.listed(services.db)
        return wire.write(shapes.ProgramsAnswer(programs=[_answer(each) for each in held]))

    @api.get("/<program_id>")
    def get(program_id: str) -> Response:
        access.require(services, Role.ADMIN)
        return wire.write(_answer(programs.get(services.db, program_id)))

    @api.put("/<program_id>")
    def put(program_id: str) -> Response:
        access.require(services, Role.ADMIN)
        asked = wire.read(request, shapes.ProgramRequest)
        program = _program(program_id, asked)
        return wire.write(
            _answer(programs.put(services.db, program, senders=asked.senders, region=region))
        )

    @api.delete("/<program_id>")
    def remove(program_id: str) -> Response:
        access.require(services, Role.ADMIN)
        gone = programs.get(services.db, program_id)
        programs.remove(services.db, program_id)
        return wire.write(_answer(gone))

    return api


def _program(program_id: str, asked: shapes.ProgramRequest) -> Program:
    replies = asked.replies or shapes.Replies()
    return Program(
        id=program_id,
        name=asked.name,
        brand=asked.brand,
        contact=asked.contact,
        requires_consent=asked.requires_consent,
        double_opt_in=asked.double_opt_in,
        quiet_hours=asked.quiet_hours,
        stop_scope=asked.stop_scope,
        hearing=_hearing(asked.keywords) if asked.keywords else None,
        replies={
            reply: text for reply in Reply if (text := getattr(replies, reply.value)) is not None
        },
    )


def _hearing(keywords: shapes.Keywords) -> Hearing:
    return Hearing(
        opt_out_words=tuple(keywords.opt_out),
        opt_in_words=tuple(keywords.opt_in),
        help_words=tuple(keywords.help),
        bare_negatives=keywords.bare_negatives,
        stop_with_argument=keywords.stop_with_argument,
    )


def _answer(mapped: Mapped) -> shapes.ProgramAnswer:
    program = mapped.program
    return shapes.ProgramAnswer(
        id=program.id,
        name=program.name,
        brand=program.brand,
        contact=program.contact,
        requires_consent=program.requires_consent,
        double_opt_in=program.double_opt_in,
        quiet_hours=program.quiet_hours,
        stop_scope=program.stop_scope,
        senders=[sender.address for sender in mapped.senders],
        keywords=_keywords(program.hearing) if program.hearing else None,
        replies=shapes.Replies(**{r.value: text for r, text in program.replies.items()})
        if program.replies
        else None,
    )


def _keywords(hearing: Hearing) -> shapes.Keywords:
    return shapes.Keywords(
        opt_out=list(hearing.opt_out_words),
        opt_in=list(hearing.opt_in_words),
        help=list(hearing.help_words),
        bare_negatives=hearing.bare_negatives,
        stop_with_argument=hearing.stop_with_argument,
    )
