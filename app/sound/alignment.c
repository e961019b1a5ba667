/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/sound/alignment.h"

#include <math.h>

/* Of what the echo has moved by, so much is undone in the next half second, and counts as the
 * crystals' from then on. */
static const double PULLED = 0.4, LEARNED = 0.3;

static const double SMOOTHING_MS = 100;

void alignment_restart(struct alignment *alignment) {
    *alignment = (struct alignment){.ppm = alignment->ppm};
}

double alignment_speed(const struct alignment *alignment) {
    double pull_ppm = alignment->pull_ms > 0 ? alignment->pull_ppm : 0;
    return 1 + (alignment->ppm + pull_ppm) * 1e-6;
}

static bool take_first(struct alignment *alignment, double offset, unsigned ms) {
    alignment->said_ms += ms;
    alignment->said += (offset - alignment->said) * ms / alignment->said_ms;
    alignment->is_known = alignment->said_ms >= ALIGNMENT_FIRST_MS;
    alignment->offset = alignment->said;
    return alignment->is_known;
}

bool alignment_note(struct alignment *alignment, double offset, unsigned ms) {
    if (!alignment->is_known) {
        return take_first(alignment, offset, ms);
    }
    alignment->offset += ms * (VOICE_RATE / 1000) * (alignment_speed(alignment) - 1);
    alignment->pull_ms -= ms < alignment->pull_ms ? ms : alignment->pull_ms;
    alignment->said += (offset - alignment->said) * fmin(1, ms / SMOOTHING_MS);
    bool is_off =
        fabs(alignment->said - alignment->offset) > ALIGNMENT_SLIP_MS * (VOICE_RATE / 1000);
    alignment->off_ms = is_off ? alignment->off_ms + ms : 0;
    if (alignment->off_ms < ALIGNMENT_LASTS_MS) {
        return false;
    }
    alignment->off_ms = 0;
    alignment->offset = alignment->said;
    return true;
}

static double clamp(double ppm) {
    return fmax(-ALIGNMENT_PPM_MAX, fmin(ALIGNMENT_PPM_MAX, ppm));
}

void alignment_correct(struct alignment *alignment, double late) {
    double ppm = late * 1e6 / VOICE_RATE;
    alignment->ppm = clamp(alignment->ppm - ppm * LEARNED);
    alignment->pull_ppm = clamp(-ppm * PULLED * 1000 / ALIGNMENT_PULL_MS);
    alignment->pull_ms = ALIGNMENT_PULL_MS;
}

void alignment_jump(struct alignment *alignment, double late) {
    alignment->offset -= late;
    alignment->pull_ms = 0;
}
