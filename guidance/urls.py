"""The addresses of the guide."""

from django.urls import path

from guidance import views

app_name = "guidance"
urlpatterns = [
    path("", views.table, name="table"),
    path("wizard/", views.wizard, name="wizard"),
    path("regions/", views.regions, name="regions"),
]
