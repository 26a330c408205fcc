"""A browser without a screen: Flask's test client that fills and sends the forms of the pages it was shown."""

import re
import time
from datetime import timedelta
from html.parser import HTMLParser

from connector.console.app import create_app
from connector.console.context import EXTENSION
from connector.console.sign_in import first_link

PASSWORD = "four words are enough"
HOST = "http://127.0.0.1:8081"


class Forms(HTMLParser):
    """The forms of a page: where each is sent, and what it holds as it stands."""

    def __init__(self, text):
        """Read a page."""
        super().__init__()
        self.forms = []
        self._select = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        """Note forms, fields and buttons."""
        found = dict(attrs)
        if tag == "form":
            self.forms.append({"action": found.get("action", ""), "fields": [], "buttons": []})
        if not self.forms:
            return
        form = self.forms[-1]
        if tag == "input" and "name" in found:
            ticked = found.get("type") != "checkbox" or "checked" in found
            if ticked and "disabled" not in found:
                form["fields"].append((found["name"], found.get("value") or ""))
        if tag == "select":
            self._select = found["name"]
        if tag == "option" and "selected" in found:
            form["fields"].append((self._select, found["value"]))
        if tag == "button":
            form["buttons"].append((found.get("name"), found.get("value"), found.get("formaction")))


class Visit:
    """One person at one browser; `page` is the answer last shown."""

    def __init__(self, app, name=""):
        """Open a browser."""
        self.app = app
        self.client = app.test_client()
        self.page = None
        self.name = name

    @property
    def text(self):
        """What the page shows, tags and all."""
        return self.page.get_data(as_text=True)

    @property
    def words(self):
        """What the page says, without tags."""
        return " ".join(re.sub(r"<[^>]+>", " ", self.text).split())

    @property
    def path(self):
        """Where the browser is."""
        return self.page.request.path

    def open(self, path, **headers):
        """Open a page, following where it leads and waiting for work."""
        return self._show(self.client.get(path, base_url=HOST, headers=headers))

    def send(self, action="", change=None, *, drop=(), button=None, wait=True, **headers):
        """Send the form whose action ends so (or the one without), some of its fields changed."""
        fits = (lambda target: target.endswith(action)) if action else (lambda target: target == "")
        form = next(one for one in Forms(self.text).forms if fits(one["action"]) and one["fields"])
        fields = [(name, value) for name, value in form["fields"] if name not in {*(change or {}), *drop}]
        for name, value in (change or {}).items():
            fields += [(name, one) for one in (value if isinstance(value, list) else [value])]
        if button:
            fields.append(button)
        data = {}
        for name, value in fields:
            data.setdefault(name, []).append(value)
        target = form["action"] or self.page.request.full_path
        answer = self.client.post(target, base_url=HOST, data=data, headers=headers)
        return self._show(answer) if wait else answer

    def join(self, link):
        """Become an administrator through a link."""
        self.open(link.removeprefix(HOST))
        return self.send("", {"name": self.name, "password": PASSWORD, "again": PASSWORD})

    def sign_in(self, password=PASSWORD):
        """Sign in on the page where the browser is, or on the card."""
        if self.page is None or self.path != "/sign-in":
            self.open("/sign-in")
        return self.send("/sign-in", {"name": self.name, "password": password})

    def _show(self, answer):
        deadline = time.monotonic() + 30
        while True:
            if answer.status_code in (301, 302, 303):
                answer = self.client.get(answer.headers["Location"].partition("#")[0], base_url=HOST)
            elif b'id="work"' in answer.data and time.monotonic() < deadline:
                time.sleep(0.02)
                answer = self.client.get(answer.request.path, base_url=HOST)
            else:
                self.page = answer
                return self


class Office:
    """A school with its console; `visit` opens a browser at it, `later` lets time pass for all of them."""

    def __init__(self, school, **environ):
        """Start the console of the school."""
        self.school = school
        self.app = create_app(school.folder / "connector.toml", environ, lambda: school.now)
        self.room = self.app.extensions[EXTENSION]

    def visit(self, name="Jo Lee"):
        """A browser at the console."""
        return Visit(self.app, name)

    def link(self, **how):
        """A one-time link."""
        return first_link(self.app, HOST, **how)

    def operator(self, name="Jo Lee"):
        """A browser with an operator signed in."""
        visit = self.visit(name)
        return visit.join(self.link(always=True))

    def viewer(self, operator, name="Vi Ewer"):
        """A browser with a viewer signed in, invited by the operator."""
        operator.open("/administrators")
        operator.send("/administrators/invite", button=("role", "viewer"))
        link = re.search(r'value="(http[^"]+/join/[^"]+)"', operator.text)[1]
        return self.visit(name).join(re.sub(r"^http://[^/]+", HOST, link))

    def later(self, **span):
        """Let time pass."""
        self.school.now += timedelta(**span)
