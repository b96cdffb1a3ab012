# What production runs, and nothing that only a desk or the sandbox needs.
FROM python:3.13-slim AS build
COPY requirements.txt .
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --requirement requirements.txt

FROM python:3.13-slim
RUN useradd --system --uid 10001 --create-home sescreds && install -d -o sescreds -m 700 /var/lib/sescreds
COPY --from=build /venv /venv
COPY manage.py /app/
COPY setup /app/setup
COPY static /app/static
COPY templates /app/templates
COPY guidance /app/guidance
COPY provisioning /app/provisioning
COPY sescreds /app/sescreds
WORKDIR /app
USER sescreds
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 VAR_DIR=/var/lib/sescreds BIND=0.0.0.0 PORT=8000
VOLUME /var/lib/sescreds
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python", "-m", "sescreds.health"]
# The worker is the same image with the command: python manage.py run_huey
CMD ["sh", "setup/serve.sh"]
