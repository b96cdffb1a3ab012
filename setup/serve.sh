#!/bin/sh
# Bring database and static files up to date, then serve: the command of the container.
set -eu
cd "$(dirname "$0")/.."
python manage.py migrate --noinput
python manage.py createcachetable
python manage.py collectstatic --noinput --verbosity 0
exec python -m gunicorn --config python:sescreds.web_server
