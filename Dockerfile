# What production runs, and nothing that only a desk or the sandbox needs.
FROM python:3.13-slim AS build
COPY requirements.txt .
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --requirement requirements.txt
COPY manage.py /app/
COPY static /app/static
COPY templates /app/templates
COPY guidance /app/guidance
COPY provisioning /app/provisioning
COPY sescreds /app/sescreds
WORKDIR /app
# The key is for this command alone: it signs nothing, and stays in no layer's environment.
RUN SECRET_KEY=only-to-collect-files VAR_DIR=/tmp/build STATIC_ROOT=/app/collected \
    /venv/bin/python manage.py collectstatic --noinput --verbosity 0 \
    && /venv/bin/python -m compileall -q /app

FROM python:3.13-slim
RUN useradd --system --uid 10001 --create-home sescreds && install -d -o sescreds -m 700 /var/lib/sescreds
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
USER 10001
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    VAR_DIR=/var/lib/sescreds STATIC_ROOT=/app/collected BIND=0.0.0.0 PORT=8000
VOLUME /var/lib/sescreds
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python", "-m", "sescreds.health"]
# The same image migrates (python manage.py prepare) and works (python manage.py run_huey).
CMD ["python", "-m", "gunicorn", "--config", "python:sescreds.web_server"]
