/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Members of an ad-hoc group who talk under another of its keys than this handset's: who was left
 * out of a new key, or has not taken it yet, learns so that others do not hear it; and who has the
 * new one learns who still goes by the old one.
 *
 * An announcement names its group and its key for everyone to read. It counts when it is of now and
 * its signature is that of a member of the list that is held here, or of one who was left out here.
 * Its MAC cannot be checked without its key: so a member can claim to have a key that does not
 * exist. It says that in its own name.
 */
#ifndef MUSTER_APP_HANDSET_TALK_OTHER_KEYS_H
#define MUSTER_APP_HANDSET_TALK_OTHER_KEYS_H

#include "app/handset/air/admission.h"
#include "app/handset/keys/groups.h"
#include "app/handset/talk/noted.h"
#include "crypto/announcement.h"

/* What a member was heard under, while this handset had `own_id`. */
struct other_key {
    uint32_t own_id, gmk_id;
    bool is_newer; /* as far as is known here */
};

struct other_keys {
    struct desk *desk;
    struct admission *admission;
    const struct groups *groups;
    struct noted members;
    struct other_key keys[NOTED_MAX];
};

/* An announcement was parsed whose key is not the current one of its group, which may not be held
 * here at all: looks whether it tells something of a member, and tells the officer once for each
 * member and pair of keys. */
void other_keys_hear(struct other_keys *others, struct moment now,
                     const struct announcement *announcement);

/* `identity` was heard in `group` under the current key. */
void other_keys_forget(struct other_keys *others, const char *identity, const char *group);

/* Marks those members in the groups that the view has. */
void other_keys_show(const struct other_keys *others, struct view *view);

#endif
