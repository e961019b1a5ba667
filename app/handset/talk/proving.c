/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/proving.h"

void proving_hear(struct presences *presences, struct floor *floor, const struct session *session,
                  struct moment now) {
    bool passes_presences = !link_is_broker(presences->air->links, session->proven_peer);
    floor_doubt(floor, &session->claim,
                !session->current.announced.is_measured && passes_presences &&
                    presence_is_unanswered(presences, now, session->talker));
    if (passes_presences && !session->ended && floor_is_talking(floor, now, session->group)) {
        presence_hear_both(presences, now, session->talker);
    }
}

bool proving_disproves(struct session *session, const struct roster *roster, struct moment now) {
    struct session_key *key =
        session->current.proven_ms >= 0 ? &session->current : &session->earlier;
    struct announced *announced = &key->announced;
    if (key->gsc == NULL || key->proven_ms < 0) {
        return false;
    }
    announced_measure(announced, roster, session->talker, now);
    return announced->is_measured &&
           session->heard_ms - announced->made_max_ms - key->proven_ms > LIVE_MS;
}
