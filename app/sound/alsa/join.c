/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/sound/alsa/join.h"

enum status alsa_join(struct capture *capture, struct playback *playback, struct error *error) {
    struct reference *reference;
    enum status status = reference_new(&reference, error);
    if (status == STATUS_OK) {
        alsa_capture_hear(capture, reference);
        alsa_playback_tell(playback, reference);
    }
    return status;
}
