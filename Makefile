# `make` alone lists the targets. What each one needs is set up by itself.
.DEFAULT_GOAL := help
.PHONY: help run worker test check bench clean

PYTHON := .venv/bin/python
# What another project left in the shell must not reach this one.
unexport PYTHONPATH PYTHONHOME DJANGO_SETTINGS_MODULE

help:
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16

run: ## Serve on http://127.0.0.1:8000 with the sandbox beside it; sets up what is missing. Ctrl-C ends it.
	@sh setup/python.sh requirements-sandbox.txt
	@exec $(PYTHON) -m sescreds.run

worker: ## Run one more worker, with the environment of the shell, or else that of `make run`.
	@sh setup/python.sh requirements.txt
	@exec $(PYTHON) manage.py run_huey

test: ## Check the code, then run every test on SQLite and on PostgreSQL, in a real browser too.
	@sh setup/python.sh requirements-dev.txt
	@exec $(PYTHON) -m tests.desk

check: ## Lint, types, import contracts, Django's deployment checks, missing migrations.
	@sh setup/python.sh requirements-dev.txt
	@exec sh setup/check.sh

bench: ## Measure the speed and the size that the product promises, as ratios, in a table.
	@sh setup/python.sh requirements-dev.txt
	@exec $(PYTHON) -m tests.bench

clean: ## Remove .venv and the tools' caches. What the product keeps in var/ stays.
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
