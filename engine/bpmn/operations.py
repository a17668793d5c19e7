"""Which variables the operations of service tasks leave behind: what the check of variables knows about them."""

from collections.abc import Mapping
from types import MappingProxyType

RESULTS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "alert-on-call": frozenset({"oncall_worker", "attempt"}),
        "attach-case-to-event": frozenset({"event_open"}),
        "check-nik": frozenset({"nik_check", "nik_findings"}),
        "close-disaster-event": frozenset({"attached_cases"}),
        "find-duplicates": frozenset({"duplicate_count"}),
        "find-providers": frozenset({"providers", "provider_kinds", "excluded"}),
        "move-case": frozenset({"village_code", "region"}),
        "open-disaster-event": frozenset({"event_no", "region"}),
        "open-referral": frozenset({"referral_no", "provider_code"}),
        "record-unmet-need": frozenset(),
        "remind": frozenset(),
        "update-referral": frozenset(),
    }
)
