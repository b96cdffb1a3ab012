"""Programs that the tests use besides Python's packages: found on the machine, or installed where we may."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Each with the packages that bring it: Debian's swaks speaks TLS only with a module that it merely recommends.
MAIL_CLIENTS = {"swaks": ("swaks", "libnet-ssleay-perl"), "msmtp": ("msmtp",)}
_LAUNCH = """
import sys
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    path = sys.argv[1] or playwright.chromium.executable_path
    browser = playwright.chromium.launch(executable_path=path)
    browser.new_page().goto("data:text/html,here")
    browser.close()
    print(path)
"""


def find_browser() -> str:
    """Return the path of a Chromium that really starts, or ""."""
    for candidate in (os.environ.get("BROWSER_PATH", ""), *BROWSERS):
        path = shutil.which(candidate) if candidate else None
        if path and _starts(path):
            return path
    if _on_debian() and install("chromium") and _starts("/usr/bin/chromium"):
        return "/usr/bin/chromium"
    return _starts("") or _playwrights_own()


def find_mail_clients() -> list[str]:
    """Return the names of those that are neither there nor to be had."""
    return [
        name for name, packages in MAIL_CLIENTS.items() if not (_serves(name) or (install(*packages) and _serves(name)))
    ]


def _serves(name: str) -> bool:
    """Whether the mail client is there and speaks TLS."""
    if shutil.which(name) is None:
        return False
    if name != "swaks":
        return True
    said = subprocess.run([name, "--support"], check=False, capture_output=True, text=True).stdout
    return "=== TLS supported" in said


def install(*packages: str) -> bool:
    """Install packages of Debian or Ubuntu, where we are root on one."""
    if not may_install():
        return False
    print(f"Installing {', '.join(packages)}.", flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    if not _updated:
        _updated.append(_quietly(["apt-get", "update", "-qq"], environment))
    return _quietly(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages], environment)


def may_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


_updated: list[bool] = []


def _quietly(command: list[str], environment: dict[str, str]) -> bool:
    done = subprocess.run(
        command, check=False, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if done.returncode:
        print(f"{' '.join(command)} failed: {done.stderr.strip()[-400:]}", flush=True)
    return done.returncode == 0


def _on_debian() -> bool:
    """Ubuntu's package of Chromium is an empty one that asks for a snap."""
    release = Path("/etc/os-release")
    return release.exists() and "\nID=debian" in "\n" + release.read_text()


def _starts(path: str) -> str:
    """Open a page in the browser at `path` (in Playwright's own for ""), and return its path; "" where it fails."""
    try:
        command = [sys.executable, "-c", _LAUNCH, path]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=90)
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _playwrights_own() -> str:
    print("Installing Playwright's own Chromium.", flush=True)
    libraries = ["--with-deps"] if may_install() else []
    _quietly([sys.executable, "-m", "playwright", "install", *libraries, "chromium"], dict(os.environ))
    return _starts("")
