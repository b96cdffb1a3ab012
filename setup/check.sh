#!/bin/sh
# What `make check` does. Every step runs, also after one that failed; only one that failed is quoted.
set -u
cd "$(dirname "$0")/.."
bin=$PWD/.venv/bin
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
secret=$("$bin/python" -c 'import secrets; print(secrets.token_urlsafe(64))')
failed=

# Production as the environment describes it, and nothing of the person's own.
step() {
    name=$1
    shift
    if env -i PATH="$bin:$PATH" HOME="${HOME:-/}" LANG=C.UTF-8 VAR_DIR="$scratch" SECRET_KEY="$secret" \
        BASE_URL=https://sescreds.example.com BEHIND_PROXY=true EMAIL_URL=smtp://mail.example.com:25 \
        AWS_BOUNDARY_ARN=arn:aws:iam::123456789012:policy/sescreds-boundary \
        AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_EC2_METADATA_DISABLED=true \
        "$@" >"$scratch/said" 2>&1; then
        echo "ok      $name"
    else
        cat "$scratch/said"
        echo "FAILED  $name"
        failed="$failed $name,"
    fi
}

step lint python -m ruff check --quiet .
step format python -m ruff format --check --quiet .
step types python -m mypy .
step contracts python -c 'import sys; from importlinter.cli import lint_imports_command as lint; sys.exit(lint())'
step deployment python manage.py check --deploy --fail-level WARNING
step migrations python manage.py makemigrations --check --dry-run

if [ -n "$failed" ]; then
    echo "make check: look at${failed%,}."
    exit 1
fi
echo "make check: all is well."
