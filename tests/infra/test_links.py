from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from enlarger.infra.links import Links

_ID = "0" * 32
_LATER = datetime.now(UTC) + timedelta(hours=1)


def test_a_link_leads_to_its_file_under_any_host() -> None:
    links = Links(b"secret")
    link = links.make(_ID, "söme picture.jpg", _LATER)
    assert link.startswith(f"/files/{_ID}/s%C3%B6me%20picture.jpg?")
    for host in ("http://127.0.0.1:8686", "https://pictures.example.com", ""):
        assert links.check(host + link) == _ID


def test_nobody_can_make_a_link_up() -> None:
    links = Links(b"secret")
    link = links.make(_ID, "a.jpg", _LATER)
    assert Links(b"other").check(link) is None
    assert links.check(link.replace("expires=", "expires=9")) is None
    assert links.check(link.replace(_ID, "1" * 32)) is None
    assert links.check(link[:-1]) is None
    assert links.check(f"/files/{_ID}/a.jpg") is None
    assert links.check("https://example.com/photo.jpg?expires=1&signature=x") is None
    assert links.check("http://[broken") is None
    assert links.check(link.replace("/files/", "/pictures/")) is None
    assert links.check(link.replace("/a.jpg", "/more/a.jpg")) is None
    assert links.check(link.replace("expires=", "expires=" + "9" * 5000)) is None  # more digits than Python reads


def test_an_expired_link_is_told_apart_from_a_foreign_one() -> None:
    links = Links(b"secret")
    with pytest.raises(TimeoutError):
        links.check(links.make(_ID, "a.jpg", datetime.now(UTC) - timedelta(seconds=1)))


def test_a_link_holds_until_the_second_of_its_end() -> None:
    for ends in (datetime(2027, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)):
        link = Links(b"secret").make(_ID, "a.jpg", ends)
        before, at = ends - timedelta(seconds=1), ends
        assert Links(b"secret", lambda before=before: before).check(link) == _ID  # type: ignore[misc]
        with pytest.raises(TimeoutError):
            Links(b"secret", lambda at=at: at).check(link)  # type: ignore[misc]


def test_links_that_were_given_out_before_an_upgrade_hold() -> None:
    link = f"/files/{'f' * 32}/room%201.png?expires=1798761600&signature=OgSBb0zcmB9x0RrATZwqCVSiLH3262Tf"
    ends = datetime(2027, 1, 1, tzinfo=UTC)
    links = Links(b"s" * 32, lambda: ends - timedelta(days=1))
    assert links.make("f" * 32, "room 1.png", ends) == link
    assert links.check(link) == "f" * 32


def test_the_link_of_a_file_is_always_the_same() -> None:
    assert Links(b"s").make(_ID, "a.jpg", _LATER) == Links(b"s").make(_ID, "a.jpg", _LATER)
