#!/usr/bin/env python
"""Django's command line for sescreds."""

import os
import sys

import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db.utils import OperationalError

from sescreds import run_environment

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sescreds.settings")
    try:
        run_environment.adopt()
    except run_environment.Trouble as trouble:
        sys.exit(str(trouble))
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    except (OperationalError, psycopg.OperationalError) as error:  # the second from the queue
        sys.exit(f"The database does not answer: {error}")
