"""The operations that a diagram's service tasks may call, by name. One file each; `run(session, context, inputs)`."""

from collections.abc import Mapping
from types import MappingProxyType

from engine.casework.work import Operation
from engine.service_tasks import (
    alert_on_call,
    attach_case_to_event,
    check_nik,
    close_disaster_event,
    close_referrals,
    find_duplicates,
    find_group_families,
    find_providers,
    join_p2k2_group,
    merge_person,
    move_case,
    open_disaster_event,
    open_referral,
    record_unmet_need,
    remind,
    update_referral,
    withdraw_consent,
)

OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {
        "alert-on-call": alert_on_call.run,
        "attach-case-to-event": attach_case_to_event.run,
        "check-nik": check_nik.run,
        "close-disaster-event": close_disaster_event.run,
        "close-referrals": close_referrals.run,
        "find-duplicates": find_duplicates.run,
        "find-group-families": find_group_families.run,
        "find-providers": find_providers.run,
        "join-p2k2-group": join_p2k2_group.run,
        "merge-person": merge_person.run,
        "move-case": move_case.run,
        "open-disaster-event": open_disaster_event.run,
        "open-referral": open_referral.run,
        "record-unmet-need": record_unmet_need.run,
        "remind": remind.run,
        "update-referral": update_referral.run,
        "withdraw-consent": withdraw_consent.run,
    }
)

FORESEEN = frozenset(
    {
        "alert-on-call",
        "attach-case-to-event",
        "check-nik",
        "close-disaster-event",
        "close-referrals",
        "find-duplicates",
        "find-group-families",
        "find-providers",
        "join-p2k2-group",
        "merge-person",
        "move-case",
        "open-disaster-event",
        "open-referral",
        "record-unmet-need",
        "remind",
        "update-referral",
        "withdraw-consent",
    }
)
"""Those that touch nothing but Pilar's own record: they may be tried ahead in a transaction that is taken back.
One that sends something, or asks somebody outside, must never be named here."""

LOOKS_UP = frozenset({"find-duplicates", "merge-person"})
"""Those whose result tells whether somebody else is recorded under the client's number."""
