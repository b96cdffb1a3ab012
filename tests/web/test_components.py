"""The components as a browser gets them: escaped, tied together for screen readers, honest about the unknown."""

import re
import shutil
from collections import Counter
from datetime import datetime, timedelta, timezone
from enum import StrEnum

import pytest
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.template import engines
from django.template.loader import render_to_string
from django.test import RequestFactory

from provisioning.forms.shapes import Choice
from provisioning.gateway.aws import aws
from sescreds.storage import OneSheetStorage
from sescreds.style import SampleState, Turning, style

HOSTILE = '"><script>alert(1)</script>'
MOMENT = datetime(2026, 11, 23, 15, 2, 7, tzinfo=timezone(timedelta(hours=1)))


@pytest.fixture(autouse=True)
def _plain_static_files(settings):
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


def request_for(path="/", **query):
    request = RequestFactory().get(path, query)
    request.user = AnonymousUser()
    return request


def show(template, asked=None, /, **values):
    return engines["django"].from_string(template).render(values, asked)


@pytest.mark.parametrize(
    "template",
    [
        "{% button x %}",
        "{% button x href=x kind='quiet' hidden=x name=x value=x %}",
        "{% button x name=x value=x form=x opens=x %}",
        "{% badge x %}",
        "{% badge None label=x tone=x %}",
        "{% tag x %}",
        "{% person x %}",
        "{% when None empty=x %}",
        "{% copy x x x %}",
        "{% crumbs x x %}",
        "{% steps x x %}",
        "{% part x note=x id=x %}{{ x }}{% endpart %}",
        "{% callout x title=x role=x %}{{ x }}{% endcallout %}",
        "{% card x href=x %}{{ x }}{% endcard %}",
        "{% empty x %}{{ x }}{% endempty %}",
        "{% dialog x x action=x confirm=x keep=x %}{{ x }}{% enddialog %}",
        "{% table x x note=x id=x %}{{ x }}{% endtable %}",
        "{% choice x x x x %}",
        "{% slip x note=x id=x state=x label=x %}{{ x }}{% endslip %}",
        "{% secret x x id=x note=x %}",
        "{% code x x x copy_text=x marks=marks %}",
        "{% tabs x %}{% tab x x x %}{{ x }}{% endtab %}{% endtabs %}",
        "{% countdown 1 2 %}{{ x }}{% endcountdown %}",
    ],
)
def test_hostile_text_stays_text(template):
    html = show(template, x=HOSTILE, marks=["<script>"])
    assert "<script" not in html
    assert '"><' not in html.replace("&quot;&gt;", "") or "alert(1)&lt;" in html
    assert "&lt;script&gt;" in html


def test_a_badge_says_state_in_shape_word_and_data():
    assert show("{% badge s %}", s=SampleState.LIVE) == '<span class="badge good" data-state="live">Live</span>'
    assert 'class="badge off pause"' in show("{% badge s %}", s=SampleState.SUSPENDED)
    assert ">Verified after 11 seconds<" in show("{% badge s label='Verified after 11 seconds' %}", s=SampleState.LIVE)


def test_a_state_nobody_described_is_shown_without_colour():
    class Bare(StrEnum):
        ODD = "odd"

    assert show("{% badge s %}", s=Bare.ODD) == '<span class="badge off" data-state="odd">odd</span>'
    assert 'class="badge off"' in show("{% badge label='x' tone='purple' %}")
    assert "data-state" not in show("{% badge label='Never' tone='bad' %}")


def test_a_mistake_in_a_template_is_loud():
    with pytest.raises(ValueError, match="no kind"):
        show("{% button 'x' kind='purple' %}")
    with pytest.raises(KeyError):
        show("{% icon 'unicorn' %}")


def test_a_button_is_a_link_only_when_it_leads_somewhere():
    assert show("{% button 'Go' href='/x' %}").startswith('<a class="button" href="/x">')
    assert show("{% button 'Go' %}").startswith('<button class="button">')
    assert "disabled>" in show("{% button 'Go' disabled=True %}")
    assert 'aria-disabled="true"' in show("{% button 'Go' href='/x' disabled=True %}")
    assert 'href="/x"' not in show("{% button 'Go' href='/x' disabled=True %}")


def test_a_dialog_falls_back_to_the_page_that_asks_the_same():
    html = show("{% button 'Revoke' href='/r/' kind='quiet bad' opens='revoke' %}")
    assert html.startswith('<open-dialog for="revoke"><a class="button quiet bad" href="/r/">')
    html = show("{% dialog 'revoke' 'Revoke?' action='/r/' confirm='Revoke' %}q{% enddialog %}", request_for())
    assert 'aria-labelledby="revoke-title"' in html
    assert 'method="post" action="/r/"' in html
    assert 'name="csrfmiddlewaretoken"' in html
    assert html.index("Keep it") < html.index(">Revoke<")


@pytest.mark.parametrize(
    ("who", "initials"), [("member@example.com", "ME"), ("anna.lind@x.org", "AL"), ("a@x.org", "A"), ("@", "")]
)
def test_initials(who, initials):
    assert f'data-initials="{initials}"' in show("{% person who %}", who=who)


def test_time_is_utc_until_the_browser_knows_better():
    html = show("{% when t %}", t=MOMENT)
    assert 'datetime="2026-11-23T14:02:07Z" title="23 Nov 2026, 14:02:07 UTC"' in html
    assert ">23 Nov 2026, 14:02 UTC<" in html
    assert ">23 Nov 2026<" in show("{% when t day=True %}", t=MOMENT)
    assert 'show="both"' in show("{% when t both=True %}", t=MOMENT)
    assert show("{% when t %}", t=None) == "never"


def test_age_says_in_words_what_the_bar_shows():
    assert "past the 90-day line" not in show("{% age 90 %}")
    assert "past the 90-day line" in show("{% age 91 %}")
    assert "1,362 days" in show("{% age 1362 %}")


class Sample(forms.Form):
    application = forms.CharField(help_text="Letters & digits.", max_length=20)
    purpose = forms.CharField(widget=forms.Textarea)
    regions = forms.MultipleChoiceField(
        help_text="One key.",
        widget=forms.CheckboxSelectMultiple,
        choices=[("eu", Choice("eu-central-1", "Frankfurt")), ("af", Choice("af-south-1", disabled=True))],
    )
    team = forms.ChoiceField(choices=[("a", "A"), (7, HOSTILE)])
    days = forms.IntegerField(max_value=180)
    sure = forms.BooleanField(help_text="Gone for good.", required=False)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean(self):
        raise forms.ValidationError(HOSTILE)


def test_a_field_ties_label_hint_error_and_control_together():
    html = show("{% field f.application %}", f=Sample({"application": HOSTILE * 3}))
    assert '<label for="id_application">' in html
    assert 'aria-describedby="id_application_helptext id_application_error"' in html
    assert 'aria-invalid="true"' in html
    assert "Letters &amp; digits." in html
    assert HOSTILE not in html
    assert html.index("_helptext") < html.index("_error") < html.index("<input")
    assert "aria-describedby" not in show("{% field f.purpose %}", f=Sample())


def test_a_failed_form_keeps_what_was_typed():
    form = Sample(
        {"application": "digest", "purpose": "\nkept</textarea>", "regions": ["eu"], "team": "7", "days": "x"}
    )
    html = "".join(show("{% field b %}", b=bound) for bound in form)
    assert 'value="digest"' in html
    assert "\nkept&lt;/textarea&gt;</textarea>" in html
    assert 'value="eu" checked' in html
    assert 'value="7" selected' in html
    assert 'value="x"' in html
    assert "<script" not in html


def test_choices_carry_a_sentence_and_may_be_closed():
    html = show("{% field f.regions %}", f=Sample({}))
    assert html.strip().startswith('<fieldset class="field" id="id_regions" tabindex="-1"')
    assert 'aria-describedby="id_regions_helptext id_regions_error"' in html
    assert "<strong>eu-central-1</strong><small>Frankfurt</small>" in html
    assert 'value="af" disabled' in html


def test_a_form_prefix_reaches_every_id():
    html = "".join(show("{% field b %}", b=bound) for bound in Sample({}, prefix="second"))
    assert set(re.findall(r'\bid="id_(\w+?)-', html)) == {"second"}


def test_the_summary_leads_to_each_field():
    html = show("{% form_errors f %}", f=Sample({"application": "a", "regions": ["eu"], "team": "a", "purpose": "p"}))
    assert 'role="alert"' in html
    assert '<a href="#id_days">Days: This field is required.</a>' in html
    assert "&lt;script&gt;" in html
    assert show("{% form_errors f %}", f=Sample()) == ""


def test_a_table_is_named_and_reachable():
    html = show("{% table 'Keys' 'Name|#Uses|-Action' fold=True caption_hidden=True %}<tr></tr>{% endtable %}")
    assert '<div class="scroll" role="region" aria-labelledby="keys-caption" tabindex="0">' in html
    assert '<th scope="col" role="columnheader" class="num">Uses</th>' in html
    assert '<span class="hidden">Action</span>' in html
    assert " role=" not in show("{% table 'Keys' 'Name' %}<tr></tr>{% endtable %}").split("<table")[1]
    sorted_column = [{"label": "Age", "href": "?sort=age", "sort": "descending"}]
    assert 'aria-sort="descending"><a href="?sort=age">' in show("{% table 'K' c %}{% endtable %}", c=sorted_column)


def test_the_pager_keeps_the_rest_of_the_address():
    request = request_for("/credentials/", team="a&b", before="99")
    html = show("{% pager p %}", request, p=Turning(newer="25", older="51"))
    assert 'href="?team=a%26b&amp;after=25" rel="prev"' in html
    assert 'href="?team=a%26b&amp;before=51" rel="next"' in html
    assert show("{% pager p %}", request, p=Turning(newer="25")).count('aria-disabled="true"') == 1
    assert show("{% pager p %}", request, p=Turning()).strip() == ""
    assert (
        show("{% pager p note='Newest first.' %}", request, p=Turning()).strip() == '<p class="pager">Newest first.</p>'
    )


def test_marks_in_code_are_whole_and_escaped():
    html = show(
        "{% code text 'p' 'Policy' marks=marks %}", text='["a@b.c", "x.a@b.c", "<"]', marks=["a@b.c", "x.a@b.c", "<"]
    )
    assert html.count("<mark>") == 3
    assert "<mark>x.a@b.c</mark>" in html
    assert "<mark>&lt;</mark>" in html
    assert "one\ntwo" in show("{% code lines 'p' 'Lines' %}", lines=["one", "two"])


# Whole pages. There is no mark for the database here, so that a query would fail these --------------------------------


def test_the_style_page_shows_everything_once():
    html = style(request_for("/style/")).content.decode()
    assert [one for one, times in Counter(re.findall(r'\sid="([^"]+)"', html)).items() if times > 1] == []
    assert html.count("<h1") == 1
    for state in SampleState:
        assert f'data-state="{state}"' in html
    for control in re.findall(r'aria-(?:describedby|labelledby)="([^"]+)"', html):
        for target in control.split():
            assert f'id="{target}"' in html


@pytest.mark.parametrize(
    "name", ["refusal", "fault", "not_found", "bad_request", "forbidden", "csrf", "history_unwritable"]
)
def test_a_no_explains_itself_and_leads_on(name):
    step = {"title": "Ask for more", "text": HOSTILE, "url": "/ask/", "label": "Ask"}
    values = {
        "refusal": {
            "title": HOSTILE,
            "reason": HOSTILE,
            "status": 409,
            "next_steps": [step],
            "commands": ["aws iam x"],
        },
        "fault": {"operation": "CreateUser", "code": "Throttling", "words": HOSTILE, "next_step": "Wait."},
        "request_id": "3d71ac",
        "now": MOMENT,
    }
    html = render_to_string(f"errors/{name}.html", values, request_for("/x/"))
    assert html.count("<h1") == 1
    assert "What you can do" in html
    assert "3d71ac" in html
    assert "<script>" not in html
    assert re.search(r'<main.*<a class="button', html, re.DOTALL)


def test_the_page_of_last_resort_needs_nothing():
    html = render_to_string("500.html")
    assert "Something broke here" in html
    assert 'href="/"' in html


def test_a_visitor_costs_no_query_and_sees_only_the_public_ways():
    html = render_to_string("base.html", {}, request_for("/guide/wizard/"))
    assert 'href="/guide/wizard/" aria-current="page"' in html
    assert html.count("aria-current") == 1
    assert "/history/" not in html
    assert "csrf" not in html


@pytest.mark.parametrize(("endpoint", "shown"), [("https://iam.amazonaws.com", False), ("http://127.0.0.1:5055", True)])
def test_the_airmail_edge_marks_what_is_not_real(monkeypatch, endpoint, shown):
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    aws.cache_clear()
    try:
        page = render_to_string("base.html", {}, request_for("/guide/"))
    finally:
        aws.cache_clear()
    assert ("no real AWS" in page) is shown


def test_the_style_travels_as_one_sheet(tmp_path, settings):
    from django.contrib.staticfiles.storage import StaticFilesStorage

    sources = StaticFilesStorage(location=settings.ROOT / "static")
    names = [str(p.relative_to(settings.ROOT / "static")) for p in (settings.ROOT / "static/css").rglob("*.css")]
    storage = OneSheetStorage(location=tmp_path, base_url="/static/")
    for _ in range(2):  # a second collectstatic starts from the sources again
        shutil.copytree(settings.ROOT / "static", tmp_path, dirs_exist_ok=True)
        list(storage.post_process({one: (sources, one) for one in names}))
        sheet = (tmp_path / "css/app.css").read_text()
        assert "@import" not in sheet
        assert sheet.count("@layer components {") > 20
        assert sheet.index("@layer reset, tokens") < sheet.index("@layer tokens {")
    assert storage.stored_name("css/app.css") != "css/app.css"
