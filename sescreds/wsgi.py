"""The WSGI door that gunicorn opens."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sescreds.settings")
application = get_wsgi_application()

from sescreds.start import refuse_demo_on_real_aws  # noqa: E402 - after Django is set up

refuse_demo_on_real_aws()
