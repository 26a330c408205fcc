"""What all pages share: addresses that lead somewhere."""

import re

import pytest


@pytest.fixture
def forms(office):
    """The addresses that only take forms, filled in with what the school has."""
    office.school.apply(office.school.plan())
    sent, opened = ({r.rule for r in office.app.url_map.iter_rules() if how in r.methods} for how in ("POST", "GET"))
    return {re.sub(r"<[^>]+>", "1", rule) for rule in sent - opened}


def test_a_form_s_own_address_opened_again_leads_to_its_page(operator, forms):
    """Reloading what a form answered, or opening it from the history, shows the page the form is on."""
    assert len(forms) > 8
    shown = {form: operator.open(form).page for form in forms}
    assert {form: page.status_code for form, page in shown.items()} == dict.fromkeys(forms, 200)
    led = {form: page.request.path for form, page in shown.items()}
    assert led["/synchronise/preview"] == "/synchronise"
    assert led["/users/1/edit"] == "/users/1"
    assert led["/runs/1/undo"] == "/runs/1"
    assert led["/scim-clients/token/1/revoke"] == "/scim-clients"
    assert led["/administrators/invite"] == "/administrators"


def test_what_a_page_does_not_take_is_refused(operator):
    """Only opening leads elsewhere: a form sent to a page without one is refused and told what is taken."""
    operator.open("/runs")
    token = re.search(r'name="form_token" value="(\w+)"', operator.text)[1]
    answer = operator.client.post("/runs", base_url="http://127.0.0.1:8081", data={"form_token": token})
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_work_that_ended_with_the_console_leads_back(operator):
    """The page of work that nobody knows any more leads to where it was begun, and nowhere outside."""
    assert operator.open("/progress/none?back=/synchronise").path == "/synchronise"
    assert "The console was started anew meanwhile" in operator.words
    for outside in ("//evil.example", "https://evil.example/", ""):
        assert operator.open(f"/progress/none?back={outside}").page.status_code == 404
