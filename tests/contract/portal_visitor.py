"""A browser at one system of the sample portal, and what it sees of a page."""

import re
import socket
from html.parser import HTMLParser
from urllib.parse import urlsplit

import requests

from demo.portal_process import PortalProcess


class Seen(HTMLParser):
    """Tags of a page with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def rows(self) -> dict[str, dict[str, str]]:
        return {said["data-export"]: said for tag, said in self.tags if "data-extract" in said}

    def form(self, name: str) -> dict[str, str] | None:
        return next((said for tag, said in self.tags if tag == "form" and said.get("id") == name), None)


class Visitor:
    """A browser at one system."""

    def __init__(self, portal: PortalProcess, source: str) -> None:
        self.portal, self.source = portal, source
        self.web = requests.Session()
        self.web.trust_env = False

    def get(self, path: str = "") -> requests.Response:
        return self.web.get(self.portal.address_of(self.source) + path, timeout=30)

    def stream(self, path: str) -> requests.Response:
        """Return the answer before its body has come; close it by leaving it."""
        return self.web.get(self.portal.address_of(self.source) + path, timeout=30, stream=True)

    def raw(self, path: str, count: int) -> bytes:
        """Return so many bytes of what the socket gives, head included."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.web.cookies.items())
        asked = f"GET /{self.source}/{path} HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n\r\n"
        address = urlsplit(self.portal.address)
        with socket.create_connection((address.hostname, address.port), 30) as line:
            line.sendall(asked.encode())
            with line.makefile("rb") as stream:
                return stream.read(count)

    def post(self, path: str, **fields: str) -> requests.Response:
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get().text)
        fields = {"csrf_token": token[1] if token else "", **fields}
        return self.web.post(self.portal.address_of(self.source) + path, data=fields, timeout=30)

    def sign_in(self) -> requests.Response:
        organisation, first, user, second = self.portal.account(self.source)
        self.post("sign-in/organisation", organisation=organisation, organisation_password=first)
        return self.post("sign-in/user", username=user, password=second)

    def inside(self) -> "Visitor":
        self.sign_in()
        self.post("extracts/basis", lawful_basis="public_task")
        return self

    def close(self) -> None:
        self.web.close()
