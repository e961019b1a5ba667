/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/places.h"

#include "ui/screens/frame.h"
#include "ui/screens/leave.h"
#include "ui/words/words.h"

void places_ask_nothing(struct places *places) {
    places->nearby.calling[0] = '\0';
    places->new_group.crews.forgetting[0] = '\0';
    places->new_group.crews.replacing = false;
}

void places_look_away(struct places *places) {
    places_ask_nothing(places);
    places->nearby.list.sure = false;
    lost_close(&places->nearby.lost);
    lost_close(&places->group.lost);
    lost_close(&places->lost.question);
    places->lost.list.sure = false;
    places->groups.list.sure = false;
    places->group.list.sure = false;
    places->group.drawn = false;
    places->new_group.list.sure = false;
    places->new_group.crews.list.sure = false;
    places->new_group.drawn = false;
    places->invitation.drawn = false;
    import_page_clear(&places->import);
    manager_look_away(&places->manager);
    places->messages.drawn_count = 0;
    lost_close(&places->messages.lost);
    places->two.drawn = false;
    places->sound.list.sure = false;
    places->talk.seen[0] = '\0';
    places->emergency.drawn.identity[0] = '\0';
}

bool places_is_typing(const struct places *places, enum place place, const struct view *view) {
    switch (place) {
    case PLACE_UNLOCK:
        return unlock_is_typing(view);
    case PLACE_UNENROLLED:
        return enrol_is_typing(&places->enrol);
    case PLACE_NEW_GROUP:
        return new_group_is_typing(&places->new_group);
    case PLACE_NEARBY:
        return nearby_is_typing(&places->nearby);
    case PLACE_KEYS:
        return places->keys.naming;
    case PLACE_IMPORT:
        return true;
    case PLACE_MESSAGES:
        return messages_is_typing(&places->messages);
    case PLACE_MANAGER:
        return manager_is_typing(&places->manager);
    default:
        return false;
    }
}

bool places_takes_lines(const struct places *places, enum place place) {
    return place == PLACE_IMPORT ||
           (place == PLACE_UNENROLLED && enrol_takes_lines(&places->enrol));
}

bool places_is_deciding(const struct places *places, enum place place) {
    return place == PLACE_NEW_GROUP || place == PLACE_LEAVE || place == PLACE_INVITATION ||
           place == PLACE_TWO || place == PLACE_EMERGENCY || place == PLACE_ZEROISE ||
           (place == PLACE_NEARBY && lost_is_open(&places->nearby.lost)) ||
           (place == PLACE_LOST && lost_is_open(&places->lost.question)) ||
           (place == PLACE_GROUP &&
            (places->group.deleting || lost_is_open(&places->group.lost))) ||
           (place == PLACE_MESSAGES && messages_is_on_page(&places->messages)) ||
           (place == PLACE_MANAGER && manager_is_deciding(&places->manager));
}

void places_open(struct places *places, const struct turn *turn) {
    switch (turn->go) {
    case PLACE_GROUP:
        group_screen_open(&places->group, turn->subject, turn->press == 'x');
        break;
    case PLACE_NEW_GROUP:
        new_group_open(&places->new_group, turn->view, turn->subject, turn->press == ADD_PRESS);
        break;
    case PLACE_MESSAGES:
        messages_screen_open(&places->messages, turn->view, turn->subject);
        break;
    case PLACE_MANAGER:
        manager_open(&places->manager, turn->subject);
        break;
    case PLACE_TALK:
        if (turn->subject[0] != '\0') {
            talk_screen_open(&places->talk, turn->subject);
        }
        break;
    default:
        break;
    }
}

void places_key(struct places *places, enum place place, struct turn *turn) {
    switch (place) {
    case PLACE_NEARBY:
        nearby_key(&places->nearby, turn);
        break;
    case PLACE_GROUPS:
        groups_screen_key(&places->groups, turn);
        break;
    case PLACE_TALK:
        talk_screen_key(&places->talk, turn);
        break;
    case PLACE_KEYS:
        keys_key(&places->keys, turn);
        break;
    case PLACE_LOG:
        log_key(&places->log, turn);
        break;
    case PLACE_LINKS:
        links_key(&places->links, turn);
        break;
    case PLACE_GROUP:
        group_screen_key(&places->group, turn);
        break;
    case PLACE_NEW_GROUP:
        new_group_key(&places->new_group, turn);
        break;
    case PLACE_INVITATION:
        invitation_screen_key(&places->invitation, turn);
        break;
    case PLACE_IMPORT:
        import_page_key(&places->import, turn);
        break;
    case PLACE_LOST:
        lost_screen_key(&places->lost, turn);
        break;
    case PLACE_MESSAGES:
        messages_screen_key(&places->messages, turn);
        break;
    case PLACE_MANAGER:
        manager_key(&places->manager, turn);
        break;
    case PLACE_TWO:
        two_key(&places->two, turn);
        new_group_asked_again(&places->new_group, turn->command);
        break;
    case PLACE_SOUND:
        sound_screen_key(&places->sound, turn);
        break;
    case PLACE_EMERGENCY:
        emergency_screen_key(&places->emergency, turn);
        break;
    case PLACE_LOCK:
        lock_screen_key(&places->lock, turn);
        break;
    case PLACE_ZEROISE:
        zeroise_key(turn);
        break;
    case PLACE_LEAVE:
        leave_key(turn);
        break;
    case PLACE_UNLOCK:
        unlock_key(&places->unlock, turn);
        break;
    case PLACE_UNENROLLED:
        enrol_key(&places->enrol, turn);
        break;
    default:
        help_key(&places->help, turn);
        break;
    }
}

bool places_has_own_escape(const struct places *places, enum place place) {
    return place == PLACE_NEW_GROUP || place == PLACE_GROUP || place == PLACE_UNLOCK ||
           place == PLACE_MANAGER || place == PLACE_MESSAGES || place == PLACE_LOST ||
           (place == PLACE_KEYS && places->keys.naming) ||
           (place == PLACE_UNENROLLED && enrol_has_escape(&places->enrol)) ||
           (place == PLACE_NEARBY &&
            (nearby_is_typing(&places->nearby) || filter_is_on(&places->nearby.filter) ||
             lost_is_open(&places->nearby.lost)));
}

const char *places_title(const struct places *places, enum place place, const struct view *view) {
    switch (place) {
    case PLACE_GROUP:
        return _("Group");
    case PLACE_NEW_GROUP:
        return places->new_group.adding             ? _("More members")
               : places->new_group.group[0] != '\0' ? _("New key")
                                                    : _("New group");
    case PLACE_INVITATION:
        return _("Your decision");
    case PLACE_IMPORT:
        return _("Import a key");
    case PLACE_LOST:
        return _("Lost");
    case PLACE_MESSAGES:
        return _("Messages");
    case PLACE_MANAGER:
        return _("Manager");
    case PLACE_TWO:
        return _("Two devices");
    case PLACE_SOUND:
        return _("Sound");
    case PLACE_EMERGENCY:
        return _("Emergency");
    case PLACE_LOCK:
        return _("Lock");
    case PLACE_ZEROISE:
        return _("Zeroise");
    case PLACE_PALETTE:
        return _("Actions");
    case PLACE_LEAVE:
        return _("Quit");
    case PLACE_UNLOCK:
        return view->phase == PHASE_NEW ? _("New handset") : "Muster";
    case PLACE_UNENROLLED:
        return _("Not enrolled");
    case PLACE_HELP:
        return _("Help");
    default:
        return frame_tab(place);
    }
}

void places_draw(struct places *places, enum place place, const struct view *view,
                 struct area area) {
    switch (place) {
    case PLACE_NEARBY:
        nearby_draw(&places->nearby, view, area);
        break;
    case PLACE_GROUPS:
        groups_screen_draw(&places->groups, view, area);
        break;
    case PLACE_TALK:
        talk_screen_draw(&places->talk, view, area);
        break;
    case PLACE_KEYS:
        keys_draw(&places->keys, view, area);
        break;
    case PLACE_LOG:
        log_draw(&places->log, view, area);
        break;
    case PLACE_LINKS:
        links_draw(&places->links, view, area);
        break;
    case PLACE_GROUP:
        group_screen_draw(&places->group, view, area);
        break;
    case PLACE_NEW_GROUP:
        new_group_draw(&places->new_group, view, area);
        break;
    case PLACE_INVITATION:
        invitation_screen_draw(&places->invitation, view, area);
        break;
    case PLACE_IMPORT:
        import_page_draw(&places->import, view, area);
        break;
    case PLACE_LOST:
        lost_screen_draw(&places->lost, view, area);
        break;
    case PLACE_MESSAGES:
        messages_screen_draw(&places->messages, view, area);
        break;
    case PLACE_MANAGER:
        manager_draw(&places->manager, view, area);
        break;
    case PLACE_TWO:
        two_draw(&places->two, area);
        break;
    case PLACE_SOUND:
        sound_screen_draw(&places->sound, view, area);
        break;
    case PLACE_EMERGENCY:
        emergency_screen_draw(&places->emergency, view, area);
        break;
    case PLACE_LOCK:
        lock_screen_draw(&places->lock, view, area);
        break;
    case PLACE_ZEROISE:
        zeroise_draw(area);
        break;
    case PLACE_LEAVE:
        leave_draw(view, area);
        break;
    case PLACE_UNLOCK:
        unlock_draw(&places->unlock, view, area);
        break;
    case PLACE_UNENROLLED:
        enrol_draw(&places->enrol, view, area);
        break;
    default:
        help_draw(&places->help, area);
        break;
    }
}

void places_hints(const struct places *places, enum place place, const struct view *view,
                  struct hints *hints) {
    switch (place) {
    case PLACE_NEARBY:
        nearby_hints(&places->nearby, view, hints);
        break;
    case PLACE_GROUPS:
        groups_screen_hints(&places->groups, view, hints);
        break;
    case PLACE_TALK:
        talk_screen_hints(&places->talk, view, hints);
        break;
    case PLACE_KEYS:
        keys_hints(&places->keys, view, hints);
        break;
    case PLACE_LOG:
        log_hints(hints);
        break;
    case PLACE_LINKS:
        links_hints(view, hints);
        break;
    case PLACE_GROUP:
        group_screen_hints(&places->group, view, hints);
        break;
    case PLACE_NEW_GROUP:
        new_group_hints(&places->new_group, view, hints);
        break;
    case PLACE_INVITATION:
        invitation_screen_hints(&places->invitation, view, hints);
        break;
    case PLACE_IMPORT:
        import_page_hints(&places->import, hints);
        break;
    case PLACE_LOST:
        lost_screen_hints(&places->lost, view, hints);
        break;
    case PLACE_MESSAGES:
        messages_screen_hints(&places->messages, view, hints);
        break;
    case PLACE_MANAGER:
        manager_hints(&places->manager, view, hints);
        break;
    case PLACE_TWO:
        two_hints(hints);
        break;
    case PLACE_SOUND:
        sound_screen_hints(view, hints);
        break;
    case PLACE_EMERGENCY:
        emergency_screen_hints(view, hints);
        break;
    case PLACE_LOCK:
        lock_screen_hints(hints);
        break;
    case PLACE_ZEROISE:
        zeroise_hints(hints);
        break;
    case PLACE_LEAVE:
        leave_hints(hints);
        break;
    case PLACE_UNLOCK:
        unlock_hints(&places->unlock, view, hints);
        break;
    case PLACE_UNENROLLED:
        enrol_hints(&places->enrol, view, hints);
        break;
    default:
        hints_add(hints, _("up/down"), _("scroll"));
        break;
    }
}
