/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/event.h"

#include <stdio.h>
#include <string.h>

/* --- The kinds ------------------------------------------------------------------------------ */

enum {
    NO_VALUES = 0,
    IDENTITY = 1 << VALUE_IDENTITY,
    WHO = IDENTITY | 1 << VALUE_NAME | 1 << VALUE_NAME_KIND,
    NEW_NAME = 1 << VALUE_NEW_NAME,
    GROUP = 1 << VALUE_GROUP | 1 << VALUE_GROUP_NAME,
    GMK_ID = 1 << VALUE_GMK_ID,
    REASON = 1 << VALUE_REASON,
    MESSAGE = 1 << VALUE_MESSAGE,
    CHECK = 1 << VALUE_CHECK,
    COUNT = 1 << VALUE_COUNT,
    DURATION = 1 << VALUE_DURATION,
    TAG = 1 << VALUE_TAG,
    DAY = 1 << VALUE_DAY,
    MONTH = 1 << VALUE_MONTH,
    LINE = 1 << VALUE_LINE,
    PART = 1 << VALUE_PART,
    PARTS = 1 << VALUE_PARTS,
    LINK = 1 << VALUE_LINK,
    SOURCE = 1 << VALUE_SOURCE | 1 << VALUE_SOURCES,
    CONDITION = 1 << VALUE_LINK | 1 << VALUE_CONDITION | 1 << VALUE_OBJECT | 1 << VALUE_DETAIL |
                1 << VALUE_ERROR | 1 << VALUE_NUMBER | 1 << VALUE_MORE,
};

/* Where the officer finds it. */
enum place {
    IN_LOG,
    EVERYWHERE, /* in the log, and on whatever screen is shown */
    IMPORTED,   /* in the log, and on the screen of imports */
    REFUSAL,    /* the answer to a command */
};

struct event_row {
    const char *name;
    enum log_weight weight;
    enum place place;
    unsigned values;
};

static const struct event_row rows[EVENT_COUNT] = {
    [EVENT_NONE] = {"none", LOG_DETAIL, IN_LOG, NO_VALUES},

    [EVENT_FELL_SILENT] = {"fell-silent", LOG_WARNING, EVERYWHERE, WHO | GROUP},
    [EVENT_NEARBY] = {"nearby", LOG_DETAIL, IN_LOG, WHO},
    [EVENT_IDENTITY_TWICE] = {"identity-twice", LOG_WARNING, EVERYWHERE, NO_VALUES},
    [EVENT_IDENTITY_ALONE] = {"identity-alone", LOG_NOTICE, EVERYWHERE, NO_VALUES},
    [EVENT_NEIGHBOUR_TWICE] = {"neighbour-twice", LOG_WARNING, EVERYWHERE, WHO},
    [EVENT_NAME_CHANGED] = {"name-changed", LOG_WARNING, EVERYWHERE, WHO | NEW_NAME},
    [EVENT_NAME_REISSUED] = {"name-reissued", LOG_NOTICE, EVERYWHERE, WHO | NEW_NAME},
    [EVENT_REVOKED_LIST] = {"revoked-list", LOG_NOTICE, IN_LOG, COUNT},
    [EVENT_REVOKED_MEMBER] = {"revoked-member", LOG_WARNING, EVERYWHERE, WHO | GROUP},
    [EVENT_REVOKED_SELF] = {"revoked-self", LOG_WARNING, EVERYWHERE, NO_VALUES},
    [EVENT_REVOKED_SELF_OVER] = {"revoked-self-over", LOG_NOTICE, EVERYWHERE, NO_VALUES},
    [EVENT_REPORTED_LOST] = {"reported-lost", LOG_WARNING, EVERYWHERE, WHO},
    [EVENT_REPORTED_FOUND] = {"reported-found", LOG_NOTICE, EVERYWHERE, WHO},
    [EVENT_REPORT_NOT_SAVED] = {"report-not-saved", LOG_WARNING, EVERYWHERE, WHO},
    [EVENT_LOST_MEMBER] = {"lost-member", LOG_WARNING, EVERYWHERE, WHO | GROUP},
    [EVENT_LOST_STAYS] = {"lost-stays", LOG_WARNING, EVERYWHERE, WHO | GROUP},
    [EVENT_LOST_NOT_LEFT_OUT] = {"lost-not-left-out", LOG_WARNING, EVERYWHERE, WHO | GROUP | CHECK},
    [EVENT_NEIGHBOUR_KEYS_ENDED] = {"neighbour-keys-ended", LOG_WARNING, EVERYWHERE, WHO | MONTH},
    [EVENT_REFUSED] = {"refused", LOG_DETAIL, IN_LOG, MESSAGE | CHECK | COUNT | LINK | SOURCE},
    [EVENT_LINK_NEWS] = {"link-news", LOG_NOTICE, EVERYWHERE, CONDITION},
    [EVENT_LINK_PROBLEM] = {"link-problem", LOG_WARNING, EVERYWHERE, CONDITION},
    [EVENT_OTHER_VERSION] = {"other-version", LOG_WARNING, EVERYWHERE, LINK | 1 << VALUE_NUMBER},

    [EVENT_FLOOD] = {"flood", LOG_WARNING, EVERYWHERE, LINK | SOURCE | 1 << VALUE_NUMBER},
    [EVENT_FLOOD_OVER] = {"flood-over", LOG_NOTICE, EVERYWHERE, DURATION},

    [EVENT_GROUP_ASKING] = {"group-asking", LOG_NOTICE, IN_LOG, GROUP | COUNT},
    [EVENT_GROUP_REKEYING] = {"group-rekeying", LOG_NOTICE, IN_LOG, GROUP | GMK_ID | COUNT},
    [EVENT_GROUP_ADDING] = {"group-adding", LOG_NOTICE, IN_LOG, GROUP | COUNT},
    [EVENT_GROUP_DELETED] = {"group-deleted", LOG_NOTICE, IN_LOG, GROUP},
    [EVENT_DELETION_NOT_SAVED] = {"deletion-not-saved", LOG_WARNING, EVERYWHERE, GROUP},
    [EVENT_CREW_KEPT] = {"crew-kept", LOG_NOTICE, EVERYWHERE, NEW_NAME | COUNT},
    [EVENT_CREW_DROPPED] = {"crew-dropped", LOG_NOTICE, EVERYWHERE, NEW_NAME},
    [EVENT_CREW_UNREADABLE] = {"crew-unreadable", LOG_WARNING, EVERYWHERE, NO_VALUES},
    [EVENT_CREW_NOT_SAVED] = {"crew-not-saved", LOG_WARNING, EVERYWHERE, NEW_NAME},
    [EVENT_MEMBER_JOINED] = {"member-joined", LOG_NOTICE, IN_LOG, WHO | GROUP | GMK_ID},
    [EVENT_MEMBER_DECLINED] = {"member-declined", LOG_WARNING, IN_LOG,
                               WHO | GROUP | REASON | DURATION},
    [EVENT_MEMBER_UNREACHABLE] = {"member-unreachable", LOG_WARNING, IN_LOG,
                                  WHO | GROUP | REASON | CHECK},
    [EVENT_MEMBER_IS_TWO] = {"member-is-two", LOG_WARNING, EVERYWHERE, WHO | GROUP},
    [EVENT_MEMBER_NOT_SAVED] = {"member-not-saved", LOG_WARNING, IN_LOG, WHO | GROUP | CHECK},

    [EVENT_INVITED_TO_GROUP] = {"invited-to-group", LOG_NOTICE, EVERYWHERE, WHO | GROUP},
    [EVENT_INVITED_TO_REKEY] = {"invited-to-rekey", LOG_NOTICE, EVERYWHERE, WHO | GROUP},
    [EVENT_INVITED_TO_CALL] = {"invited-to-call", LOG_NOTICE, EVERYWHERE, WHO},
    [EVENT_INVITATION_ACCEPTED] = {"invitation-accepted", LOG_NOTICE, EVERYWHERE, WHO | GROUP},
    [EVENT_INVITATION_DECLINED] = {"invitation-declined", LOG_NOTICE, EVERYWHERE, WHO | GROUP},
    [EVENT_INVITATION_EXPIRED] = {"invitation-expired", LOG_NOTICE, EVERYWHERE, WHO | GROUP},
    [EVENT_INVITATION_WITHDRAWN] = {"invitation-withdrawn", LOG_NOTICE, EVERYWHERE, WHO | GROUP},
    [EVENT_INVITATION_LOST] = {"invitation-lost", LOG_WARNING, EVERYWHERE, WHO | GROUP},
    [EVENT_INVITATION_REFUSED] = {"invitation-refused", LOG_WARNING, IN_LOG, WHO | GROUP | CHECK},
    [EVENT_GROUP_KEY_REFUSED] = {"group-key-refused", LOG_WARNING, EVERYWHERE, WHO | GROUP | CHECK},
    [EVENT_CALLS_QUIETED] = {"calls-quieted", LOG_WARNING, EVERYWHERE, WHO},
    [EVENT_INVITATIONS_QUIETED] = {"invitations-quieted", LOG_WARNING, EVERYWHERE, WHO},
    [EVENT_STRANGERS_QUIETED] = {"strangers-quieted", LOG_WARNING, EVERYWHERE, NO_VALUES},
    [EVENT_KEY_STILL_TO_COME] = {"key-still-to-come", LOG_WARNING, EVERYWHERE, WHO | GROUP},

    [EVENT_GROUP_READY] = {"group-ready", LOG_NOTICE, EVERYWHERE, GROUP | GMK_ID},
    [EVENT_GROUP_RENAMED] = {"group-renamed", LOG_WARNING, EVERYWHERE, WHO | GROUP},
    [EVENT_KEY_TAKEN] = {"key-taken", LOG_NOTICE, EVERYWHERE, WHO | GROUP | COUNT},
    [EVENT_MEMBER_LEFT_OUT] = {"member-left-out", LOG_NOTICE, EVERYWHERE, WHO | GROUP},
    [EVENT_MEMBER_ADDED] = {"member-added", LOG_NOTICE, EVERYWHERE, WHO | GROUP},
    [EVENT_KEY_DELIVERED] = {"key-delivered", LOG_NOTICE, EVERYWHERE, GROUP | GMK_ID},
    [EVENT_KEY_WAITS] = {"key-waits", LOG_NOTICE, EVERYWHERE, GROUP | GMK_ID},
    [EVENT_KEY_IN_USE] = {"key-in-use", LOG_NOTICE, EVERYWHERE, GROUP | GMK_ID},
    [EVENT_KEY_EXPIRED] = {"key-expired", LOG_WARNING, EVERYWHERE, WHO | GROUP | GMK_ID},
    [EVENT_STANDARD_KEY_EXPIRED] = {"standard-key-expired", LOG_WARNING, EVERYWHERE,
                                    GROUP | GMK_ID},
    [EVENT_KEY_ENDS] = {"key-ends", LOG_WARNING, EVERYWHERE, WHO | GROUP | GMK_ID | DURATION},
    [EVENT_STANDARD_KEY_ENDS] = {"standard-key-ends", LOG_WARNING, EVERYWHERE,
                                 GROUP | GMK_ID | DURATION},
    [EVENT_KEYS_WIPED] = {"keys-wiped", LOG_WARNING, EVERYWHERE, GROUP},
    [EVENT_KEY_HAS_NO_ROOM] = {"key-has-no-room", LOG_WARNING, IN_LOG, GROUP | COUNT},
    [EVENT_MANAGER_BEHIND] = {"manager-behind", LOG_WARNING, EVERYWHERE, GROUP | COUNT},

    [EVENT_MANAGED_REKEY] = {"managed-rekey", LOG_NOTICE, IN_LOG, GROUP | GMK_ID | COUNT},
    [EVENT_MANAGED_SENT] = {"managed-sent", LOG_NOTICE, IN_LOG, GROUP | GMK_ID | COUNT | DURATION},
    [EVENT_MANAGED_COMPLETE] = {"managed-complete", LOG_NOTICE, IN_LOG, GROUP | GMK_ID | COUNT},
    [EVENT_MANAGED_NOT_SENT] = {"managed-not-sent", LOG_WARNING, IN_LOG, GROUP | GMK_ID | CHECK},
    [EVENT_MANAGED_NOT_SAVED] = {"managed-not-saved", LOG_WARNING, IN_LOG, GROUP | CHECK},
    [EVENT_MANAGED_NOT_TAKEN] = {"managed-not-taken", LOG_WARNING, IN_LOG, GROUP | GMK_ID | CHECK},
    [EVENT_MANAGED_KEY_EXPIRED] = {"managed-key-expired", LOG_WARNING, EVERYWHERE, GROUP | GMK_ID},
    [EVENT_MANAGED_BEHIND] = {"managed-behind", LOG_WARNING, EVERYWHERE, WHO | GROUP | COUNT},
    [EVENT_ROLL_EXCLUDED] = {"roll-excluded", LOG_WARNING, IN_LOG, WHO | GROUP},
    [EVENT_ROLL_INCLUDED] = {"roll-included", LOG_NOTICE, IN_LOG, WHO | GROUP},
    [EVENT_ROLL_ADDED] = {"roll-added", LOG_NOTICE, IN_LOG, WHO | GROUP},

    [EVENT_TALK_BEGAN] = {"talk-began", LOG_NOTICE, IN_LOG, WHO | GROUP},
    [EVENT_TALK_ENDED] = {"talk-ended", LOG_DETAIL, IN_LOG, WHO | GROUP | DURATION},
    [EVENT_VOICE_FORGED] = {"voice-forged", LOG_WARNING, EVERYWHERE, WHO | GROUP},
    [EVENT_TICKET_FORGED] = {"ticket-forged", LOG_WARNING, EVERYWHERE, WHO | GROUP},
    [EVENT_EMERGENCY_UNFOUNDED] = {"emergency-unfounded", LOG_WARNING, EVERYWHERE, WHO | GROUP},
    [EVENT_OTHERS_KEY] = {"others-key", LOG_WARNING, EVERYWHERE, WHO | GROUP | GMK_ID},
    [EVENT_OLD_KEY_USED] = {"old-key-used", LOG_WARNING, EVERYWHERE, WHO | GROUP | GMK_ID},
    [EVENT_TALKER_UNHEARD] = {"talker-unheard", LOG_WARNING, IN_LOG, WHO | GROUP},
    [EVENT_TALKER_OUT_OF_TIME] = {"talker-out-of-time", LOG_WARNING, EVERYWHERE,
                                  WHO | GROUP | DURATION},
    [EVENT_OWN_TALK_BEGAN] = {"own-talk-began", LOG_DETAIL, IN_LOG, GROUP},
    [EVENT_OWN_TALK_ENDED] = {"own-talk-ended", LOG_DETAIL, IN_LOG, GROUP | DURATION},
    [EVENT_OWN_TALK_CUT_OFF] = {"own-talk-cut-off", LOG_WARNING, IN_LOG, GROUP | CHECK},
    [EVENT_OWN_TALK_UNHEARD] = {"own-talk-unheard", LOG_WARNING, IN_LOG, GROUP},
    [EVENT_OWN_TALK_SLEPT] = {"own-talk-slept", LOG_WARNING, EVERYWHERE, GROUP | DURATION},
    [EVENT_FLOOR_LOST] = {"floor-lost", LOG_WARNING, EVERYWHERE, WHO | GROUP},
    [EVENT_FLOOR_GRANTED] = {"floor-granted", LOG_NOTICE, EVERYWHERE, GROUP},
    [EVENT_FLOOR_TURN_MISSED] = {"floor-turn-missed", LOG_NOTICE, EVERYWHERE, GROUP},
    [EVENT_FLOOR_NOT_ANSWERED] = {"floor-not-answered", LOG_WARNING, EVERYWHERE, WHO | GROUP},
    [EVENT_FLOOR_DENIED] = {"floor-denied", LOG_WARNING, EVERYWHERE, WHO | GROUP},
    [EVENT_FLOOR_REQUEST_OVER] = {"floor-request-over", LOG_WARNING, EVERYWHERE, GROUP},
    [EVENT_FLOOR_CLAIMED_LATE] = {"floor-claimed-late", LOG_WARNING, IN_LOG,
                                  WHO | GROUP | DURATION},
    [EVENT_EMERGENCY] = {"emergency", LOG_WARNING, EVERYWHERE, WHO | GROUP},
    [EVENT_EMERGENCY_OVER] = {"emergency-over", LOG_NOTICE, EVERYWHERE, WHO | GROUP},
    [EVENT_EMERGENCY_QUIETED] = {"emergency-quieted", LOG_WARNING, EVERYWHERE, WHO | GROUP},
    [EVENT_EMERGENCY_SEEN] = {"emergency-seen", LOG_NOTICE, IN_LOG, WHO | GROUP},
    [EVENT_OWN_EMERGENCY] = {"own-emergency", LOG_WARNING, IN_LOG, GROUP},
    [EVENT_OWN_EMERGENCY_OVER] = {"own-emergency-over", LOG_NOTICE, EVERYWHERE, GROUP},
    [EVENT_OWN_TALK_ENDS_SOON] = {"own-talk-ends-soon", LOG_WARNING, EVERYWHERE, GROUP | DURATION},
    [EVENT_OWN_TALK_TOO_LONG] = {"own-talk-too-long", LOG_WARNING, EVERYWHERE, GROUP | DURATION},
    [EVENT_MESSAGE] = {"message", LOG_NOTICE, EVERYWHERE, WHO | GROUP},
    [EVENT_MESSAGE_WAITS] = {"message-waits", LOG_NOTICE, EVERYWHERE, GROUP},
    [EVENT_MESSAGES_UNSENT] = {"messages-unsent", LOG_WARNING, EVERYWHERE, GROUP | COUNT},
    [EVENT_MESSAGES_DROPPED] = {"messages-dropped", LOG_WARNING, EVERYWHERE, GROUP | COUNT},
    [EVENT_MESSAGES_GONE] = {"messages-gone", LOG_WARNING, EVERYWHERE, GROUP | COUNT},
    [EVENT_CALL_BEGAN] = {"call-began", LOG_NOTICE, EVERYWHERE, WHO},
    [EVENT_CALL_ENDED] = {"call-ended", LOG_NOTICE, EVERYWHERE, WHO | REASON | CHECK | DURATION},
    [EVENT_RECORDING_FAILED] = {"recording-failed", LOG_WARNING, EVERYWHERE, CHECK},
    [EVENT_MICROPHONE_FAILED] = {"microphone-failed", LOG_WARNING, EVERYWHERE, CHECK},
    [EVENT_MICROPHONE_SILENT] = {"microphone-silent", LOG_WARNING, EVERYWHERE, 0},
    [EVENT_MICROPHONE_BACK] = {"microphone-back", LOG_NOTICE, EVERYWHERE, 0},
    [EVENT_BUTTON_GONE] = {"button-gone", LOG_WARNING, EVERYWHERE, NO_VALUES},
    [EVENT_BUTTON_BACK] = {"button-back", LOG_NOTICE, EVERYWHERE, NO_VALUES},
    [EVENT_LOUDSPEAKER_FAILED] = {"loudspeaker-failed", LOG_WARNING, EVERYWHERE, CHECK},
    [EVENT_LOUDSPEAKER_BACK] = {"loudspeaker-back", LOG_NOTICE, EVERYWHERE, 0},

    [EVENT_IMPORT_TAKEN] = {"import-taken", LOG_NOTICE, IMPORTED, GROUP},
    [EVENT_IMPORT_HELD_ALREADY] = {"import-held-already", LOG_NOTICE, IMPORTED, GROUP},
    [EVENT_IMPORT_FOR_ANOTHER] = {"import-for-another", LOG_WARNING, IMPORTED, WHO | GROUP},
    [EVENT_IMPORT_OUTDATED] = {"import-outdated", LOG_WARNING, IMPORTED, GROUP},
    [EVENT_IMPORT_GROUP_NOT_OURS] = {"import-group-not-ours", LOG_WARNING, IMPORTED, GROUP},
    [EVENT_IMPORT_EXPIRED] = {"import-expired", LOG_WARNING, IMPORTED, GROUP},
    [EVENT_IMPORT_LIST_TAKEN] = {"import-list-taken", LOG_NOTICE, IMPORTED, COUNT},
    [EVENT_IMPORT_LIST_HELD] = {"import-list-held", LOG_NOTICE, IMPORTED, NO_VALUES},
    [EVENT_IMPORT_LIST_OUTDATED] = {"import-list-outdated", LOG_WARNING, IMPORTED, NO_VALUES},
    [EVENT_IMPORT_LIST_REFUSED] = {"import-list-refused", LOG_WARNING, IMPORTED, CHECK},
    [EVENT_IMPORT_NOT_SIGNED] = {"import-not-signed", LOG_WARNING, IMPORTED, GROUP},
    [EVENT_IMPORT_NOT_A_DELIVERY] = {"import-not-a-delivery", LOG_WARNING, IMPORTED, CHECK},
    [EVENT_IMPORT_NOT_TAKEN] = {"import-not-taken", LOG_WARNING, IMPORTED, GROUP | CHECK},
    [EVENT_PARTS_MISSING] = {"parts-missing", LOG_WARNING, IMPORTED, TAG | PARTS | COUNT},
    [EVENT_PARTS_REPEATED] = {"parts-repeated", LOG_NOTICE, IMPORTED, TAG | PARTS},
    [EVENT_PARTS_OF_HELD_KEY] = {"parts-of-held-key", LOG_NOTICE, IMPORTED, TAG},
    [EVENT_PARTS_MISMATCHED] = {"parts-mismatched", LOG_WARNING, IMPORTED, TAG | COUNT},
    [EVENT_PARTS_GIVEN_UP] = {"parts-given-up", LOG_WARNING, IMPORTED, TAG | COUNT},
    [EVENT_PARTS_NOT_SAVED] = {"parts-not-saved", LOG_WARNING, IMPORTED, TAG | CHECK},
    [EVENT_PARTS_NOT_FORGOTTEN] = {"parts-not-forgotten", LOG_WARNING, IMPORTED, TAG | CHECK},
    [EVENT_PART_DIFFERS] = {"part-differs", LOG_WARNING, IMPORTED, TAG | PART | COUNT},
    [EVENT_PART_DAMAGED] = {"part-damaged", LOG_WARNING, IMPORTED, LINE | TAG | PART | COUNT},
    [EVENT_PART_RENUMBERED] = {"part-renumbered", LOG_WARNING, IMPORTED, LINE | TAG | PART | COUNT},
    [EVENT_PART_UNREADABLE] = {"part-unreadable", LOG_WARNING, IMPORTED, LINE},

    [EVENT_CLOCK_DIFFERS] = {"clock-differs", LOG_WARNING, EVERYWHERE, DURATION},
    [EVENT_CLOCK_AGREES] = {"clock-agrees", LOG_NOTICE, EVERYWHERE, NO_VALUES},
    [EVENT_CLOCK_MAY_BE_BEHIND] = {"clock-may-be-behind", LOG_WARNING, EVERYWHERE, DURATION},
    [EVENT_KEYS_END_SOON] = {"keys-end-soon", LOG_NOTICE, EVERYWHERE, DAY | MONTH},
    [EVENT_KEYS_END_TODAY] = {"keys-end-today", LOG_WARNING, EVERYWHERE, MONTH},
    [EVENT_KEYS_ENDING] = {"keys-ending", LOG_WARNING, EVERYWHERE, DAY | MONTH},
    [EVENT_KEYS_ENDED] = {"keys-ended", LOG_WARNING, EVERYWHERE, DAY | MONTH},
    [EVENT_KEYS_LAST] = {"keys-last", LOG_NOTICE, IN_LOG, DAY},
    [EVENT_KEYS_RENEWED] = {"keys-renewed", LOG_NOTICE, EVERYWHERE, MONTH},
    [EVENT_ACCESS_RENEWED] = {"access-renewed", LOG_NOTICE, EVERYWHERE, DAY},
    [EVENT_RENEWAL_BY_HAND] = {"renewal-by-hand", LOG_WARNING, EVERYWHERE, NO_VALUES},
    [EVENT_RENEWAL_REFUSED] = {"renewal-refused", LOG_WARNING, EVERYWHERE, CHECK},
    [EVENT_RENEWAL_NOT_SAVED] = {"renewal-not-saved", LOG_WARNING, EVERYWHERE, CHECK},
    [EVENT_KMS_LOG_DIFFERS] = {"kms-log-differs", LOG_WARNING, EVERYWHERE, NO_VALUES},

    [EVENT_SLEPT] = {"slept", LOG_WARNING, EVERYWHERE, DURATION},
    [EVENT_SAVING_FAILED] = {"saving-failed", LOG_WARNING, EVERYWHERE, CHECK},
    [EVENT_JOINING_NOT_SAVED] = {"joining-not-saved", LOG_WARNING, EVERYWHERE, GROUP},
    [EVENT_SAVING_BACK] = {"saving-back", LOG_NOTICE, EVERYWHERE, NO_VALUES},
    [EVENT_SAVING_ENDED] = {"saving-ended", LOG_WARNING, EVERYWHERE, CHECK},
    [EVENT_SETTINGS_UNREADABLE] = {"settings-unreadable", LOG_WARNING, EVERYWHERE, NO_VALUES},
    [EVENT_ACCESS_UNREADABLE] = {"access-unreadable", LOG_WARNING, EVERYWHERE, CHECK},
    [EVENT_MEMORY_NOT_LOCKED] = {"memory-not-locked", LOG_WARNING, EVERYWHERE, NO_VALUES},
    [EVENT_LOGGING_FAILED] = {"logging-failed", LOG_WARNING, EVERYWHERE, CHECK},
    [EVENT_MAILBOXES_CLOSED] = {"mailboxes-closed", LOG_WARNING, EVERYWHERE, CHECK},
    [EVENT_LOCKED] = {"locked", LOG_NOTICE, IN_LOG, NO_VALUES},
    [EVENT_LOCKED_UNSAVED] = {"locked-unsaved", LOG_WARNING, IN_LOG, NO_VALUES},
    [EVENT_UNLOCKED] = {"unlocked", LOG_NOTICE, IN_LOG, NO_VALUES},
    [EVENT_WRONG_PASSPHRASES] = {"wrong-passphrases", LOG_WARNING, EVERYWHERE, COUNT},
    [EVENT_ERASING_NOT_SET] = {"erasing-not-set", LOG_WARNING, EVERYWHERE, CHECK},
    [EVENT_CONTROL_CLOSED] = {"control-closed", LOG_WARNING, EVERYWHERE, CHECK},
    [EVENT_HOOK_ENDED] = {"hook-ended", LOG_WARNING, EVERYWHERE, NO_VALUES},
    [EVENT_NOT_CONFINED] = {"not-confined", LOG_WARNING, EVERYWHERE, CHECK},

    [EVENT_SOUND_BUSY] = {"sound-busy", LOG_WARNING, REFUSAL, NO_VALUES},
    [EVENT_NOT_ENROLLED] = {"not-enrolled", LOG_WARNING, REFUSAL, NO_VALUES},
    [EVENT_OUT_OF_MEMORY] = {"out-of-memory", LOG_WARNING, REFUSAL, NO_VALUES},
    [EVENT_COMMAND_FAILED] = {"command-failed", LOG_WARNING, REFUSAL, CHECK},
    [EVENT_CANNOT_SAVE] = {"cannot-save", LOG_WARNING, REFUSAL, NO_VALUES},
    [EVENT_AIRPLANE_IS_ON] = {"airplane-is-on", LOG_WARNING, REFUSAL, NO_VALUES},
    [EVENT_SILENCE_IS_ON] = {"silence-is-on", LOG_WARNING, REFUSAL, NO_VALUES},
    [EVENT_GROUP_GONE] = {"group-gone", LOG_WARNING, REFUSAL, NO_VALUES},
    [EVENT_GROUP_IS_ITS_MANAGERS] = {"group-is-its-managers", LOG_WARNING, REFUSAL, GROUP},
    [EVENT_GROUP_IS_ITS_CREATORS] = {"group-is-its-creators", LOG_WARNING, REFUSAL, WHO | GROUP},
    [EVENT_NOT_NEARBY] = {"not-nearby", LOG_WARNING, REFUSAL, WHO},
    [EVENT_IS_REVOKED] = {"is-revoked", LOG_WARNING, REFUSAL, WHO},
    [EVENT_IS_LOST] = {"is-lost", LOG_WARNING, REFUSAL, WHO},
    [EVENT_ANSWERS_TWICE] = {"answers-twice", LOG_WARNING, REFUSAL, WHO},
    [EVENT_NAME_NOT_ALLOWED] = {"name-not-allowed", LOG_WARNING, REFUSAL, NO_VALUES},
    [EVENT_PERIOD_MISSING] = {"period-missing", LOG_WARNING, REFUSAL, NO_VALUES},
    [EVENT_PERIOD_TOO_LONG] = {"period-too-long", LOG_WARNING, REFUSAL, DURATION},

    [EVENT_GROUP_NAME_MISSING] = {"group-name-missing", LOG_WARNING, REFUSAL, NO_VALUES},
    [EVENT_MEMBERS_MISSING] = {"members-missing", LOG_WARNING, REFUSAL, NO_VALUES},
    [EVENT_MEMBERS_TOO_MANY] = {"members-too-many", LOG_WARNING, REFUSAL, COUNT},
    [EVENT_MEMBER_NAMED_TWICE] = {"member-named-twice", LOG_WARNING, REFUSAL, WHO},
    [EVENT_GROUPS_TOO_MANY] = {"groups-too-many", LOG_WARNING, REFUSAL, COUNT},
    [EVENT_GROUP_NOT_CREATED] = {"group-not-created", LOG_WARNING, REFUSAL, CHECK},
    [EVENT_GROUP_NOT_REKEYED] = {"group-not-rekeyed", LOG_WARNING, REFUSAL, GROUP | CHECK},
    [EVENT_MEMBERS_NOT_ADDED] = {"members-not-added", LOG_WARNING, REFUSAL, GROUP | CHECK},
    [EVENT_GROUP_NOT_DELETED] = {"group-not-deleted", LOG_WARNING, REFUSAL, GROUP | CHECK},
    [EVENT_NOTHING_CANCELLED] = {"nothing-cancelled", LOG_WARNING, REFUSAL, GROUP | CHECK},
    [EVENT_NOT_A_MEMBER] = {"not-a-member", LOG_WARNING, REFUSAL, WHO | GROUP},
    [EVENT_RETRY_NOT_NEEDED] = {"retry-not-needed", LOG_WARNING, REFUSAL, WHO | GROUP},
    [EVENT_RETRY_EXPIRED] = {"retry-expired", LOG_WARNING, REFUSAL, GROUP},
    [EVENT_INVITATION_CLOSED] = {"invitation-closed", LOG_WARNING, REFUSAL, NO_VALUES},

    [EVENT_IDENTITY_NOT_MARKED] = {"identity-not-marked", LOG_WARNING, REFUSAL, WHO | CHECK},
    [EVENT_NAME_NOT_SAVED] = {"name-not-saved", LOG_WARNING, REFUSAL, CHECK},
    [EVENT_CREWS_TOO_MANY] = {"crews-too-many", LOG_WARNING, REFUSAL, COUNT},
    [EVENT_CREW_NOT_CHANGED] = {"crew-not-changed", LOG_WARNING, REFUSAL, CHECK},

    [EVENT_TALKING_ALREADY] = {"talking-already", LOG_WARNING, REFUSAL, NO_VALUES},
    [EVENT_TALK_TOO_OFTEN] = {"talk-too-often", LOG_WARNING, REFUSAL, NO_VALUES},
    [EVENT_FLOOR_TAKEN] = {"floor-taken", LOG_WARNING, REFUSAL, WHO | GROUP},
    [EVENT_FLOOR_ASKED] = {"floor-asked", LOG_NOTICE, REFUSAL, WHO | GROUP},
    [EVENT_FLOOR_TAKEN_BACK] = {"floor-taken-back", LOG_NOTICE, REFUSAL, WHO | GROUP},
    [EVENT_FLOOR_KEPT] = {"floor-kept", LOG_WARNING, REFUSAL, WHO | GROUP},
    [EVENT_NO_EMERGENCY] = {"no-emergency", LOG_WARNING, REFUSAL, NO_VALUES},
    [EVENT_NO_EMERGENCY_RIGHT] = {"no-emergency-right", LOG_WARNING, REFUSAL, GROUP},
    [EVENT_TALK_NOT_BEGUN] = {"talk-not-begun", LOG_WARNING, REFUSAL, GROUP | CHECK},
    [EVENT_MESSAGE_EMPTY] = {"message-empty", LOG_WARNING, REFUSAL, NO_VALUES},
    [EVENT_MESSAGE_TOO_LONG] = {"message-too-long", LOG_WARNING, REFUSAL, NO_VALUES},
    [EVENT_MESSAGE_NOT_ALLOWED] = {"message-not-allowed", LOG_WARNING, REFUSAL, NO_VALUES},
    [EVENT_MESSAGES_TOO_OFTEN] = {"messages-too-often", LOG_WARNING, REFUSAL, GROUP},
    [EVENT_MESSAGE_NOT_SENT] = {"message-not-sent", LOG_WARNING, REFUSAL, GROUP | CHECK},
    [EVENT_CALL_NOT_MADE] = {"call-not-made", LOG_WARNING, REFUSAL, WHO | CHECK},
    [EVENT_NO_CALL] = {"no-call", LOG_WARNING, REFUSAL, NO_VALUES},
    [EVENT_NOTHING_TO_SAY_AGAIN] = {"nothing-to-say-again", LOG_WARNING, REFUSAL, NO_VALUES},
    [EVENT_SOMEBODY_TALKS] = {"somebody-talks", LOG_WARNING, REFUSAL, NO_VALUES},

    [EVENT_NOT_MANAGED_HERE] = {"not-managed-here", LOG_WARNING, REFUSAL, NO_VALUES},
    [EVENT_MANAGED_RESTS] = {"managed-rests", LOG_WARNING, REFUSAL, GROUP},
    [EVENT_MANAGED_NOT_CHANGED] = {"managed-not-changed", LOG_WARNING, REFUSAL, GROUP | CHECK},
    [EVENT_MANAGED_NO_NEW_KEY] = {"managed-no-new-key", LOG_WARNING, REFUSAL, GROUP | CHECK},
    [EVENT_MANAGED_NO_KEY] = {"managed-no-key", LOG_WARNING, REFUSAL, GROUP},
    [EVENT_MANAGER_KEYS_MISSING] = {"manager-keys-missing", LOG_WARNING, REFUSAL, GROUP},
    [EVENT_PERIOD_NOT_POSSIBLE] = {"period-not-possible", LOG_WARNING, REFUSAL, NO_VALUES},
    [EVENT_MANAGER_CLOCK_DIFFERS] = {"manager-clock-differs", LOG_WARNING, REFUSAL, DURATION},
    [EVENT_IDENTITY_NOT_VALID] = {"identity-not-valid", LOG_WARNING, REFUSAL, NO_VALUES},
    [EVENT_ROLL_LACKS] = {"roll-lacks", LOG_WARNING, REFUSAL, WHO | GROUP},
    [EVENT_ROLL_HAS_ALREADY] = {"roll-has-already", LOG_WARNING, REFUSAL, WHO | GROUP},
    [EVENT_ROLL_EXCLUDED_ALREADY] = {"roll-excluded-already", LOG_WARNING, REFUSAL, WHO | GROUP},
    [EVENT_ROLL_NOT_EXCLUDED] = {"roll-not-excluded", LOG_WARNING, REFUSAL, WHO | GROUP},
    [EVENT_ROLL_GETS_NO_KEYS] = {"roll-gets-no-keys", LOG_WARNING, REFUSAL, WHO | GROUP},
    [EVENT_ROLL_FULL] = {"roll-full", LOG_WARNING, REFUSAL, GROUP | COUNT},

    [EVENT_NO_KEY_IN_TEXT] = {"no-key-in-text", LOG_WARNING, REFUSAL, NO_VALUES},

    [EVENT_PASSPHRASE_WRONG] = {"passphrase-wrong", LOG_WARNING, REFUSAL, NO_VALUES},
    [EVENT_PASSPHRASE_EMPTY] = {"passphrase-empty", LOG_WARNING, REFUSAL, NO_VALUES},
    [EVENT_PASSPHRASE_TOO_SOON] = {"passphrase-too-soon", LOG_WARNING, REFUSAL, NO_VALUES},
    [EVENT_STORE_OPEN_ALREADY] = {"store-open-already", LOG_WARNING, REFUSAL, NO_VALUES},
    [EVENT_IS_DEMONSTRATION] = {"is-demonstration", LOG_WARNING, REFUSAL, NO_VALUES},
};

static const struct event_row *row_of(enum event_kind kind) {
    return &rows[(unsigned)kind < EVENT_COUNT ? kind : EVENT_NONE];
}

const char *event_name(enum event_kind kind) {
    return row_of(kind)->name;
}

enum event_kind event_named(const char *name) {
    for (int kind = 0; kind < EVENT_COUNT; kind++) {
        if (strcmp(rows[kind].name, name) == 0) {
            return (enum event_kind)kind;
        }
    }
    return EVENT_NONE;
}

enum log_weight event_weight(enum event_kind kind) {
    return row_of(kind)->weight;
}

unsigned event_values(enum event_kind kind) {
    return row_of(kind)->values;
}

bool event_is_for_every_screen(enum event_kind kind) {
    return row_of(kind)->place == EVERYWHERE;
}

bool event_alerts(enum event_kind kind) {
    switch (kind) {
    case EVENT_INVITED_TO_GROUP:
    case EVENT_INVITED_TO_REKEY:
    case EVENT_INVITED_TO_CALL:
    case EVENT_EMERGENCY:
    case EVENT_KEY_ENDS:
    case EVENT_STANDARD_KEY_ENDS:
    case EVENT_KEY_EXPIRED:
    case EVENT_STANDARD_KEY_EXPIRED:
    case EVENT_MICROPHONE_FAILED:
    case EVENT_MICROPHONE_SILENT:
    case EVENT_FELL_SILENT:
    case EVENT_MESSAGE:
        return true;
    default:
        return false;
    }
}

bool event_is_refusal(enum event_kind kind) {
    return row_of(kind)->place == REFUSAL;
}

bool event_is_of_import(enum event_kind kind) {
    return row_of(kind)->place == IMPORTED;
}

/* Of the own keys' months: each of these takes the place of the one before. */
static bool is_of_months(enum event_kind kind) {
    return kind >= EVENT_KEYS_END_SOON && kind <= EVENT_KEYS_LAST;
}

bool event_stands(enum event_kind kind) {
    switch (kind) {
    case EVENT_CLOCK_DIFFERS:
    case EVENT_IDENTITY_TWICE:
    case EVENT_REVOKED_SELF:
    case EVENT_FLOOD:
    case EVENT_KEYS_END_SOON:
    case EVENT_KEYS_END_TODAY:
    case EVENT_KEYS_ENDING:
    case EVENT_KEYS_ENDED:
    case EVENT_RECORDING_FAILED:
    case EVENT_MICROPHONE_FAILED:
    case EVENT_MICROPHONE_SILENT:
    case EVENT_BUTTON_GONE:
    case EVENT_LOUDSPEAKER_FAILED:
    case EVENT_SAVING_FAILED:
    case EVENT_SAVING_ENDED:
    case EVENT_MEMORY_NOT_LOCKED:
    case EVENT_LOGGING_FAILED:
    case EVENT_MAILBOXES_CLOSED:
    case EVENT_ERASING_NOT_SET:
    case EVENT_CONTROL_CLOSED:
    case EVENT_HOOK_ENDED:
    case EVENT_NOT_CONFINED:
        return true;
    default:
        return false;
    }
}

bool event_ends(enum event_kind kind, enum event_kind standing) {
    switch (standing) {
    case EVENT_CLOCK_DIFFERS:
        return kind == EVENT_CLOCK_AGREES;
    case EVENT_IDENTITY_TWICE:
        return kind == EVENT_IDENTITY_ALONE;
    case EVENT_REVOKED_SELF:
        return kind == EVENT_REVOKED_SELF_OVER;
    case EVENT_FLOOD:
        return kind == EVENT_FLOOD_OVER;
    case EVENT_KEYS_END_SOON:
    case EVENT_KEYS_END_TODAY:
    case EVENT_KEYS_ENDING:
    case EVENT_KEYS_ENDED:
        return is_of_months(kind) && kind != standing;
    case EVENT_MICROPHONE_FAILED:
    case EVENT_MICROPHONE_SILENT:
        return kind == EVENT_MICROPHONE_BACK ||
               (kind != standing &&
                (kind == EVENT_MICROPHONE_FAILED || kind == EVENT_MICROPHONE_SILENT));
    case EVENT_BUTTON_GONE:
        return kind == EVENT_BUTTON_BACK;
    case EVENT_LOUDSPEAKER_FAILED:
        return kind == EVENT_LOUDSPEAKER_BACK;
    case EVENT_SAVING_FAILED:
        return kind == EVENT_SAVING_BACK || kind == EVENT_SAVING_ENDED;
    case EVENT_SAVING_ENDED:
        return kind == EVENT_SAVING_BACK;
    default:
        return false;
    }
}

bool event_claims_durable(enum event_kind kind) {
    switch (kind) {
    case EVENT_FELL_SILENT:
    case EVENT_NEARBY:
    case EVENT_IDENTITY_TWICE:
    case EVENT_IDENTITY_ALONE:
    case EVENT_NEIGHBOUR_TWICE:
    case EVENT_NAME_CHANGED:
    case EVENT_NAME_REISSUED:
    case EVENT_MEMBER_IS_TWO:
    case EVENT_REVOKED_LIST:
    case EVENT_REVOKED_MEMBER:
    case EVENT_REVOKED_SELF:
    case EVENT_REVOKED_SELF_OVER:
    case EVENT_NEIGHBOUR_KEYS_ENDED:
    case EVENT_REFUSED:
    case EVENT_LINK_NEWS:
    case EVENT_LINK_PROBLEM:
    case EVENT_OTHER_VERSION:
    case EVENT_FLOOD:
    case EVENT_FLOOD_OVER:
    case EVENT_CALLS_QUIETED:
    case EVENT_INVITATIONS_QUIETED:
    case EVENT_STRANGERS_QUIETED:
    case EVENT_EMERGENCY_QUIETED:
    case EVENT_INVITED_TO_GROUP:
    case EVENT_INVITED_TO_REKEY:
    case EVENT_INVITED_TO_CALL:
    case EVENT_INVITATION_ACCEPTED:
    case EVENT_INVITATION_DECLINED:
    case EVENT_INVITATION_EXPIRED:
    case EVENT_INVITATION_WITHDRAWN:
    case EVENT_INVITATION_LOST:
    case EVENT_INVITATION_REFUSED:
    case EVENT_GROUP_KEY_REFUSED:
    case EVENT_KEY_STILL_TO_COME:
    case EVENT_KEY_ENDS:
    case EVENT_STANDARD_KEY_ENDS:
    case EVENT_TALK_BEGAN:
    case EVENT_TALK_ENDED:
    case EVENT_VOICE_FORGED:
    case EVENT_TICKET_FORGED:
    case EVENT_EMERGENCY_UNFOUNDED:
    case EVENT_OTHERS_KEY:
    case EVENT_OLD_KEY_USED:
    case EVENT_TALKER_UNHEARD:
    case EVENT_TALKER_OUT_OF_TIME:
    case EVENT_OWN_TALK_BEGAN:
    case EVENT_OWN_TALK_ENDED:
    case EVENT_OWN_TALK_CUT_OFF:
    case EVENT_OWN_TALK_UNHEARD:
    case EVENT_OWN_TALK_SLEPT:
    case EVENT_FLOOR_LOST:
    case EVENT_FLOOR_GRANTED:
    case EVENT_FLOOR_TURN_MISSED:
    case EVENT_FLOOR_NOT_ANSWERED:
    case EVENT_FLOOR_DENIED:
    case EVENT_FLOOR_REQUEST_OVER:
    case EVENT_FLOOR_CLAIMED_LATE:
    case EVENT_EMERGENCY:
    case EVENT_EMERGENCY_OVER:
    case EVENT_EMERGENCY_SEEN:
    case EVENT_OWN_EMERGENCY:
    case EVENT_OWN_EMERGENCY_OVER:
    case EVENT_OWN_TALK_ENDS_SOON:
    case EVENT_OWN_TALK_TOO_LONG:
    case EVENT_MESSAGE:
    case EVENT_MESSAGES_UNSENT:
    case EVENT_MESSAGES_DROPPED:
    case EVENT_MESSAGES_GONE:
    case EVENT_CALL_BEGAN:
    case EVENT_CALL_ENDED:
    case EVENT_RECORDING_FAILED:
    case EVENT_MICROPHONE_FAILED:
    case EVENT_MICROPHONE_SILENT:
    case EVENT_MICROPHONE_BACK:
    case EVENT_BUTTON_GONE:
    case EVENT_BUTTON_BACK:
    case EVENT_LOUDSPEAKER_FAILED:
    case EVENT_LOUDSPEAKER_BACK:
    case EVENT_CLOCK_DIFFERS:
    case EVENT_CLOCK_AGREES:
    case EVENT_CLOCK_MAY_BE_BEHIND:
    case EVENT_KEYS_END_SOON:
    case EVENT_KEYS_END_TODAY:
    case EVENT_KEYS_ENDING:
    case EVENT_KEYS_ENDED:
    case EVENT_KEYS_LAST:
    case EVENT_RENEWAL_BY_HAND:
    case EVENT_RENEWAL_REFUSED:
    case EVENT_RENEWAL_NOT_SAVED:
    case EVENT_KMS_LOG_DIFFERS:
    case EVENT_SLEPT:
    case EVENT_SAVING_FAILED:
    case EVENT_JOINING_NOT_SAVED:
    case EVENT_DELETION_NOT_SAVED:
    case EVENT_CREW_NOT_SAVED:
    case EVENT_REPORT_NOT_SAVED:
    case EVENT_LOST_MEMBER:
    case EVENT_LOST_STAYS:
    case EVENT_LOST_NOT_LEFT_OUT:
    case EVENT_CREW_UNREADABLE:
    case EVENT_SAVING_BACK:
    case EVENT_SAVING_ENDED:
    case EVENT_SETTINGS_UNREADABLE:
    case EVENT_ACCESS_UNREADABLE:
    case EVENT_MEMORY_NOT_LOCKED:
    case EVENT_LOGGING_FAILED:
    case EVENT_MAILBOXES_CLOSED:
    case EVENT_LOCKED:
    case EVENT_LOCKED_UNSAVED:
    case EVENT_UNLOCKED:
    case EVENT_WRONG_PASSPHRASES:
    case EVENT_ERASING_NOT_SET:
    case EVENT_CONTROL_CLOSED:
    case EVENT_HOOK_ENDED:
    case EVENT_NOT_CONFINED:
        return false;
    default:
        return true;
    }
}

/* --- Making one ----------------------------------------------------------------------------- */

struct event event_of_member(enum event_kind kind, const char *identity, const char *name,
                             const char *group, const char *group_name) {
    struct event event = {.kind = kind};
    snprintf(event.identity, sizeof event.identity, "%s", identity);
    snprintf(event.name, sizeof event.name, "%s", name);
    snprintf(event.group, sizeof event.group, "%s", group);
    snprintf(event.group_name, sizeof event.group_name, "%s", group_name);
    return event;
}

struct event event_of_identity(enum event_kind kind, const char *identity, const char *name) {
    return event_of_member(kind, identity, name, "", "");
}

struct event event_of_group(enum event_kind kind, const char *group, const char *group_name) {
    return event_of_member(kind, "", "", group, group_name);
}
