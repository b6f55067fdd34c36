"""The web application, for any WSGI server."""

from __future__ import annotations

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commonweal.project.settings")
application = get_wsgi_application()
# What is loaded now stays for good: the collector need not walk over it again and again. Publishing a form of a
# thousand questions takes half the time.
gc.collect()
gc.freeze()
