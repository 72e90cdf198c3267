"""For any WSGI server: `gunicorn wsgi:app`."""

from app.factory import create_app

app = create_app()
