"""What we answer a person, and when we keep silent.

One confirmation, within five minutes of receipt, without a word of marketing: 47 CFR
64.1200(a)(12). A HELP answer names the program and a way to reach it (CTIA Short Code Monitoring
Handbook). The sentences keep to the GSM alphabet, so that each is one segment of 160 characters
with a brand of up to 30 and a contact of up to 40.
"""

from datetime import datetime, timedelta
from enum import StrEnum

CONFIRMATION_WINDOW = timedelta(minutes=5)
"""How long after receipt a confirmation is presumed to be within the person's consent."""

BRAND_CHARACTERS = 30
CONTACT_CHARACTERS = 40


class Reply(StrEnum):
    """Which of our texts answers a message."""

    OPTED_OUT = "opted_out"
    OPTED_IN = "opted_in"
    HELP = "help"


_SENTENCES = {
    "en": {
        Reply.OPTED_OUT: "You are unsubscribed and will get no more messages. Reply START to resubscribe.",
        Reply.OPTED_IN: "You are subscribed to messages. Reply HELP for help, STOP to unsubscribe.",
        Reply.HELP: "Reply STOP to unsubscribe. Msg&data rates may apply.",
    },
    "es": {
        Reply.OPTED_OUT: "Baja confirmada: no le enviaremos otros mensajes. START para volver.",
        Reply.OPTED_IN: "Alta confirmada: le enviaremos mensajes. HELP para ayuda, STOP para la baja.",
        Reply.HELP: "Responda STOP para darse de baja.",
    },
    "fr": {
        Reply.OPTED_OUT: "Désabonnement confirmé: plus aucun message. START pour reprendre.",
        Reply.OPTED_IN: "Abonnement confirmé. AIDE pour de l'aide, STOP pour se désabonner.",
        Reply.HELP: "Répondez STOP pour ne plus rien recevoir.",
    },
    "pt": {
        Reply.OPTED_OUT: "Cancelamento confirmado: nada mais enviaremos. START para voltar.",
        Reply.OPTED_IN: "Cadastro confirmado. HELP para ajuda, STOP para cancelar.",
        Reply.HELP: "Responda STOP para cancelar.",
    },
    "de": {
        Reply.OPTED_OUT: "Sie sind abgemeldet und erhalten keine Nachrichten mehr. START zum Anmelden.",
        Reply.OPTED_IN: "Anmeldung bestätigt. HELP für Hilfe, STOP zum Abmelden.",
        Reply.HELP: "Mit STOP melden Sie sich ab.",
    },
    "it": {
        Reply.OPTED_OUT: "Disiscrizione confermata: nessun altro messaggio. START per riprendere.",
        Reply.OPTED_IN: "Iscrizione confermata. HELP per aiuto, STOP per annullare.",
        Reply.HELP: "Risponda STOP per non ricevere altro.",
    },
}


def render(reply: Reply, *, language: str | None, brand: str | None, contact: str | None) -> str:
    """Write an answer out.

    Args:
        reply: which text.
        language: ISO 639-1 code of the language the person wrote; English where we have no words in
            it.
        brand: the program's name as its recipients know it; cut at 30 characters.
        contact: a telephone number or address for help; cut at 40 characters.
    """
    sentence = _SENTENCES.get(language or "en", _SENTENCES["en"])[reply]
    if reply is Reply.HELP and contact:
        sentence = f"{contact[:CONTACT_CHARACTERS]}. {sentence}"
    return f"{brand[:BRAND_CHARACTERS]}: {sentence}" if brand else sentence


def in_time(received_at: datetime, now: datetime) -> bool:
    """Tell whether a confirmation may still be sent: five minutes from receipt, no later."""
    return now - received_at <= CONFIRMATION_WINDOW
