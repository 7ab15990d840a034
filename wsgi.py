"""The WSGI entry: `granian --interface wsgi wsgi:app`."""

import gc
import sys

from app import create_app, logs, settings_of
from app.config import BadSetting

try:
    app = create_app()
except BadSetting as error:
    sys.exit(f"Escala cannot start:\n{error}")

logs.set_up(settings_of(app).log_format, settings_of(app).log_level)

# What the application is made of stays, and the weeks that its caches hold are large: looking
# through all of it as often as Python does by itself took a fifth of the processor's time, and
# half a second of whoever's page it fell on.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 20)
# Each query lets other threads in, and whoever lets them in waits so long for its turn again:
# beside a page that reckons, thirty queries at the usual 5 ms are a sixth of a second of waiting.
sys.setswitchinterval(0.001)
