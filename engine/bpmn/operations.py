"""Which variables the operations of service tasks leave behind: what the check of variables knows about them."""

from collections.abc import Mapping
from types import MappingProxyType

RESULTS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "alert-on-call": frozenset({"oncall_worker", "attempt"}),
        "attach-case-to-event": frozenset({"event_open"}),
        "check-nik": frozenset({"nik_check", "nik_findings", "temp_id"}),
        "close-disaster-event": frozenset({"attached_cases"}),
        "close-referrals": frozenset({"closed_referrals"}),
        "find-duplicates": frozenset({"duplicate_count"}),
        "find-group-families": frozenset({"families"}),
        "find-providers": frozenset({"providers", "provider_kinds", "excluded"}),
        "join-p2k2-group": frozenset({"group_meets"}),
        "merge-person": frozenset({"person_merged"}),
        "move-case": frozenset({"village_code", "region"}),
        "open-disaster-event": frozenset({"event_no", "region"}),
        "open-referral": frozenset({"referral_no", "provider_code"}),
        "record-unmet-need": frozenset(),
        "remind": frozenset(),
        "update-referral": frozenset(),
        "withdraw-consent": frozenset(),
    }
)
