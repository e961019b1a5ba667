/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/leave.h"

#include "ui/screens/page.h"
#include "ui/words/words.h"

void leave_key(struct turn *turn) {
    if (turn->press == 'y') {
        turn_command(turn, COMMAND_QUIT);
        turn->go = PLACE_BACK;
    }
}

void leave_draw(const struct view *view, struct area area) {
    struct page page = page_begin(NULL, area);
    do {
        page_gap(&page);
        page_text(&page, 0, STYLE_STRONG, _("Quit Muster?"));
        page_gap(&page);
        if (view->talking) {
            page_text(&page, 0, STYLE_TALK, _("You are talking: quitting ends that."));
        }
        page_text(&page, 0, STYLE_PLAIN,
                  _("Nobody can reach this handset until it is started again. Its groups and keys "
                    "stay, sealed with the passphrase."));
    } while (page_again(&page));
}

void leave_hints(struct hints *hints) {
    hints_add(hints, "y", _("quit"));
}
