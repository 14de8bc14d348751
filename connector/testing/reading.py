"""What a platform must hold to in what it says of its records, kind by kind."""

from typing import Any

import pytest

from connector.errors import AccessDenied, RemoteError, RetryLater
from connector.ports import Ability, Gone, Live, Unread, looked
from connector.records import Kind, Ref
from connector.testing.hooks import not_given
from connector.testing.records import PlatformHooks, lives_of


class ReadingSuite(PlatformHooks):
    """Each test is one fact of a pull, a fetch, a read-back or a check."""

    def test_what_a_cache_kept_is_no_look_at_a_record(
        self, service: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        platform = self.build(service)
        refs = [live.ref for live in self.some(platform)]
        self.cached(monkeypatch)
        looks = [*platform.fetch(refs), *platform.read_back(refs, notes=frozenset(refs))]
        assert [look.reason for look in looks if isinstance(look, Unread)] == ["cached"] * 2 * len(refs)

    def test_a_pull_brings_every_record_once_and_says_when_it_was_the_last_page(self, service: Any) -> None:
        pages = list(self.build(service).pull(self.kind, since=None))
        refs = [record.ref for page in pages for record in page.records]
        assert len(refs) == len(set(refs)) == self.there(service)
        assert [page.complete for page in pages][-1]
        assert not any(page.complete for page in pages[:-1])
        assert all(page.cursor for page in pages)

    def test_a_pull_that_is_taken_up_at_any_page_misses_nothing(self, service: Any) -> None:
        platform = self.build(service)
        seen: set[Ref] = set()
        for page in list(platform.pull(self.kind, since=None))[:-1]:
            seen |= {record.ref for record in page.records}
            rest = set().union(*self.pages(platform, page.cursor))
            assert len(seen | rest) == self.there(service)

    def test_what_a_fetch_says_is_what_a_pull_said(self, service: Any) -> None:
        platform = self.build(service)
        records = {record.ref: record for record in self.pulled(platform)}
        for live in lives_of(platform, list(records)[:7]):
            known = records[live.record.ref]
            assert live.record.present == known.present
            assert live.record.version == known.version
            assert live.record.identifiers == known.identifiers
            assert set(live.record.copies) == {name for name, value in live.handles.items() if value}
            if self.kind in (Kind.CUSTOMER, Kind.SUBSCRIBER):  # who is warned is written to at this address
                joined = [one for one in known.identifiers if one.type == "email"]
                assert len(live.handles.get("email", ())) == len(joined) <= 1

    def test_a_record_that_is_gone_is_called_gone_and_is_no_error(self, service: Any) -> None:
        platform = self.build(service)
        there = self.some(platform, 1)[0].record.ref
        gone = Ref(adapter=platform.name, kind=self.kind, id=self.gone(service))
        looks = looked(platform.fetch([gone, there]), [gone, there])
        assert looks[gone] == Gone(ref=gone)
        assert isinstance(looks[there], Live)

    def test_nothing_to_fetch_and_nothing_to_do_is_no_request(self, service: Any) -> None:
        platform = self.build(service)
        before = self.requests(service)
        assert list(platform.fetch([])) == []
        assert list(platform.apply([])) == []
        assert self.requests(service) == before

    def test_a_field_with_no_ability_is_never_called_redactable(self, service: Any) -> None:
        can = self.build(service).capabilities(self.kind)
        assert can.kind is self.kind
        assert can.fields
        for field, ability in can.fields.items():
            if ability is Ability.DELETE:
                assert can.deletes or can.places.get(field)
            if ability in (Ability.CANNOT, Ability.BY_REQUEST):
                assert can.places.get(field), f"{field} of {can.kind} names no place for a hand"

    def test_a_service_that_asks_for_patience_once_is_asked_again(self, service: Any) -> None:
        self.busy_once(service)
        assert len(self.pulled(self.build(service))) == self.there(service)

    @pytest.mark.parametrize("fault", ["busy", "down", "silent"])
    def test_a_service_that_never_answers_is_to_be_tried_later(self, service: Any, fault: str) -> None:
        getattr(self, fault)(service)
        platform = self.build(service)
        with pytest.raises(RetryLater) as raised:
            self.pulled(platform)
        assert raised.value.adapter == platform.name

    def test_a_refused_key_stops_the_adapter(self, service: Any) -> None:
        platform = self.build(service, self.wrong_key or not_given("wrong_key"))
        with pytest.raises(AccessDenied):
            self.pulled(platform)
        access = platform.check()
        assert not access.can_read

    def test_a_platform_that_is_not_there_is_told_apart_and_check_never_raises(self, service: Any) -> None:
        platform = self.build(service)
        self.stop(service)
        assert not platform.check().reachable
        with pytest.raises(RemoteError):
            self.pulled(platform)
