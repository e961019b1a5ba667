/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/news.h"

void news_add(struct news *news, const struct transport_condition *condition) {
    if (news->count == NEWS_MAX) {
        news->first = (news->first + 1) % NEWS_MAX;
        news->count--;
    }
    news->list[(news->first + news->count++) % NEWS_MAX] = *condition;
}

bool news_take(struct news *news, struct transport_condition *out) {
    if (news->count == 0) {
        return false;
    }
    *out = news->list[news->first];
    news->first = (news->first + 1) % NEWS_MAX;
    news->count--;
    return true;
}
