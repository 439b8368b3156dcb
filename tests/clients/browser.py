"""A browser without scripts: it keeps cookies, reads forms and posts them, and follows no redirect that it is not told to."""
import html.parser
import urllib.parse
from typing import NamedTuple, Optional

import requests
import support


class Form(NamedTuple):
    id: Optional[str]
    action: str
    method: str
    fields: dict


class Page(html.parser.HTMLParser):
    """What tests want to know of a page: its forms, the text of elements that have an id, and the rows of lists."""

    VOID = {"meta", "link", "input", "br", "hr", "img"}

    def __init__(self, text: str):
        super().__init__()
        self.forms: list = []
        self.texts: dict = {}
        self.rows: dict = {}
        self.links: dict = {}
        # Open elements, each with its id and the list that it is.
        self.open: list = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            self.forms.append(Form(attrs.get("id"), attrs.get("action", ""), attrs.get("method", "get").lower(), {}))
        if tag == "input" and attrs.get("name") and self.forms:
            self.forms[-1].fields[attrs["name"]] = attrs.get("value") or ""
        if tag == "a" and attrs.get("id"):
            self.links[attrs["id"]] = attrs.get("href")
        if tag == "li":
            self.rows.setdefault(self._list(), []).append("")
        if tag == "small":
            self.handle_data("\n")
        if tag not in self.VOID:
            self.open.append((tag, attrs.get("id")))

    def handle_endtag(self, tag):
        # A void element may be closed too, as XHTML has it.
        if any(tag == name for name, _ in self.open):
            while self.open.pop()[0] != tag:
                pass

    def handle_data(self, data):
        for tag, an_id in self.open:
            if an_id:
                self.texts[an_id] = self.texts.get(an_id, "") + data
        if any(tag == "li" for tag, _ in self.open):
            self.rows[self._list()][-1] += data

    def _list(self) -> Optional[str]:
        return next((an_id for tag, an_id in reversed(self.open) if tag == "ul"), None)

    def form(self, an_id: Optional[str] = None) -> Form:
        """The form of this id, or the first; an empty one where there is none."""
        fitting = (form for form in self.forms if an_id in (None, form.id))
        return next(fitting, Form(None, "", "get", {}))


class Browser:
    """One person's. Cookies do not care for ports, so all servers here see all of them, as in a real one."""

    def __init__(self):
        self.session = requests.Session()
        self.session.trust_env = False

    def get(self, url: str) -> requests.Response:
        return self.session.get(url, allow_redirects=False, timeout=support.TIMEOUT)

    def post(self, url: str, fields: dict, headers: Optional[dict] = None) -> requests.Response:
        return self.session.post(url, data=fields, headers=headers, allow_redirects=False, timeout=support.TIMEOUT)

    def submit(self, came_from: str, form: Form, **fields) -> requests.Response:
        url = urllib.parse.urljoin(came_from, form.action)
        if form.method == "post":
            return self.post(url, {**form.fields, **fields})
        query = urllib.parse.urlencode({**form.fields, **fields})
        return self.get(f"{url}{'&' if '?' in url else '?'}{query}")

    def follow(self, response: requests.Response) -> requests.Response:
        """Until a page comes."""
        for _ in range(10):
            if response.status_code not in (301, 302, 303):
                return response
            response = self.get(urllib.parse.urljoin(response.url, response.headers["Location"]))
        raise AssertionError(f"too many redirects at {response.url}")

    def cookie(self, name: str) -> Optional[str]:
        return self.session.cookies.get(name)
