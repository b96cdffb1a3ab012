#!/bin/sh
# Make .venv and install what a requirements file pins. Where that is done already, nothing happens.
# Use: sh setup/python.sh requirements-sandbox.txt
set -eu
cd "$(dirname "$0")/.."
wanted=$1

stop() {
    echo "$*" >&2
    exit 1
}

works() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

makes_venvs() {
    "$1" -c 'import ensurepip, venv' >/dev/null 2>&1
}

# The first Python that is new enough; one that can make virtual environments comes first.
find_python() {
    fallback=
    for python in python3.13 python3.12 python3.11 python3 python3.14; do
        works "$python" || continue
        if makes_venvs "$python"; then
            echo "$python"
            return
        fi
        fallback=${fallback:-$python}
    done
    echo "$fallback"
}

# Debian and Ubuntu keep ensurepip in a package of its own.
install_venv_package() {
    package=$("$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        stop "$1 cannot make virtual environments here. Install what is missing, then start again: sudo apt-get install $package"
    fi
    echo "Installing $package: Python needs it to make a virtual environment."
    export DEBIAN_FRONTEND=noninteractive
    if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends "$package" >/dev/null && makes_venvs "$1"; }; then
        stop "$package could not be installed. Install it, then start again: apt-get install $package"
    fi
}

make_venv() {
    python=$(find_python)
    if [ -z "$python" ]; then
        stop "No Python 3.11 or newer was found. Install one, then start again: sudo apt-get install python3 python3-venv"
    fi
    makes_venvs "$python" || install_venv_package "$python"
    rm -rf .venv
    "$python" -m venv .venv || stop ".venv could not be made; the reason is above."
}

# A requirements file and those that it names.
files_of() {
    echo "$1"
    for next in $(sed -n 's/^-r *//p' "$1"); do
        files_of "$next"
    done
}

digest_of() {
    { .venv/bin/python -V; for file in $(files_of "$1"); do cat "$file"; done; } | sha256sum | cut -d' ' -f1
}

marker=.venv/installed-$wanted
is_there() {
    works .venv/bin/python && [ "$(cat "$marker" 2>/dev/null)" = "$(digest_of "$wanted")" ]
}

if is_there; then
    exit 0
fi
if ! works .venv/bin/python || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    make_venv
fi
echo "Installing what $wanted pins into .venv. This takes about a minute, once."
if ! PIP_USER=0 .venv/bin/python -m pip install -qq --disable-pip-version-check --no-input --requirement "$wanted"; then
    stop "The packages of $wanted could not be installed; pip's reason is above. Then start again."
fi
for file in $(files_of "$wanted"); do
    digest_of "$file" >".venv/installed-$file"
done
