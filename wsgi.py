"""The WSGI entry: `granian --interface wsgi wsgi:app`."""

import sys

from app import create_app, logs, settings_of
from app.config import BadSetting

try:
    app = create_app()
except BadSetting as error:
    sys.exit(f"Escala cannot start:\n{error}")

logs.set_up(settings_of(app).log_format, settings_of(app).log_level)
