"""The ASGI door, for servers that want one."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sescreds.settings")
application = get_asgi_application()

from sescreds.start import refuse_demo_on_real_aws  # noqa: E402 - after Django is set up

refuse_demo_on_real_aws()
