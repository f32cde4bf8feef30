"""A browser: it keeps cookies, follows one redirect at a time, and fills in Keycloak's own pages."""

from html.parser import HTMLParser

import httpx

from tests.sso.realm import PASSWORD


class Form(HTMLParser):
    """The first form of a page: where it is sent, and what it holds already."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.action, self.fields = "", dict[str, str]()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form" and not self.action:
            self.action = found.get("action", "")
        if tag == "input" and found.get("type") == "hidden" and found.get("name"):
            self.fields[found["name"]] = found.get("value", "")


class Browser:
    """Somebody's browser."""

    def __init__(self) -> None:
        self.http = httpx.Client(trust_env=False, timeout=30)

    def close(self) -> None:
        self.http.close()

    def get(self, url: str) -> httpx.Response:
        return self._kept(self.http.get(url))

    def submit(self, page: httpx.Response, **fields: str) -> httpx.Response:
        form = Form(page.text)
        assert form.action, page.text[:2000]
        return self._kept(self.http.post(page.url.join(form.action), data={**form.fields, **fields}))

    def sign_in(self, page: httpx.Response, name: str, password: str = PASSWORD) -> httpx.Response:
        """Fill in the issuer's form."""
        return self.submit(page, username=name, password=password)

    def _kept(self, answer: httpx.Response) -> httpx.Response:
        for cookie in self.http.cookies.jar:
            cookie.secure = False  # as real browsers treat a loopback address
        return answer


def to(answer: httpx.Response) -> str:
    """Where a redirect leads."""
    assert answer.is_redirect, f"{answer.status_code} {answer.text[:2000]}"
    return answer.headers["location"]


def said(url: str) -> dict[str, str]:
    """What a URL carries."""
    return dict(httpx.URL(url).params)
