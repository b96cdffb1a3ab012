"""The other arm of the guide pages: Django with one template and no middleware, on the same gunicorn."""

from pathlib import Path

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.shortcuts import render
from django.urls import path

ROWS = [(region, f"email-smtp.{region}.amazonaws.com", "587") for region in ("eu-central-1", "us-east-1", "eu-west-1")]

settings.configure(
    DEBUG=False,
    SECRET_KEY="of no use",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    MIDDLEWARE=[],
    INSTALLED_APPS=[],
    USE_I18N=False,
    TEMPLATES=[
        {"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [Path(__file__).with_name("templates")]}
    ],
)


def page(request):
    return render(request, "bare.html", {"title": "A bare page", "rows": ROWS})


urlpatterns = [path("", page)]
application = get_wsgi_application()
