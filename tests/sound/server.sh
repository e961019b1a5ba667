# SPDX-License-Identifier: GPL-3.0-or-later
# A sound server of its own, without hardware: to be sourced. A null sink "mouth" whose monitor is the
# microphone "mic", and a null sink "ear", whose monitor hears what a handset plays. "quiet" is where the
# rest goes, so that no handset hears itself.

# server_begin pulseaudio|pipewire FOLDER: false where it cannot be had. What runs in it is begun by
# `server_do COMMAND...`, as an ordinary user: the servers refuse to run as root.
server_begin() {
    server_folder=$2 server_pids=
    mkdir -p "$server_folder/run" "$server_folder/home" && chmod 700 "$server_folder/run"
    printf 'pcm.!default { type pulse }\nctl.!default { type pulse }\n' >"$server_folder/home/.asoundrc"
    server_as=
    if [ "$(id -u)" -eq 0 ]; then
        chown -R 65534:65534 "$server_folder"
        server_as="setpriv --reuid 65534 --regid 65534 --clear-groups"
    fi
    if [ "$1" = pulseaudio ]; then
        server_in_background pulseaudio -n --daemonize=no --exit-idle-time=-1 -L module-native-protocol-unix
    else
        server_in_background dbus-daemon --session "--address=unix:path=$server_folder/run/bus" --nofork --nopidfile
        server_wait test -S "$server_folder/run/bus" || return 1
        server_in_background pipewire
        server_wait test -S "$server_folder/run/pipewire-0" || return 1
        server_in_background wireplumber
        server_in_background pipewire-pulse
    fi
    server_wait server_do pactl info && server_cards_in
}

server_do() {
    (cd "$server_folder" && exec $server_as env HOME="$server_folder/home" XDG_RUNTIME_DIR="$server_folder/run" \
        DBUS_SESSION_BUS_ADDRESS="unix:path=$server_folder/run/bus" \
        PULSE_SERVER="unix:$server_folder/run/pulse/native" "$@")
}

# The process that runs is the command itself: its number is in $!.
server_in_background() {
    (cd "$server_folder" && exec $server_as env HOME="$server_folder/home" XDG_RUNTIME_DIR="$server_folder/run" \
        DBUS_SESSION_BUS_ADDRESS="unix:path=$server_folder/run/bus" \
        PULSE_SERVER="unix:$server_folder/run/pulse/native" "$@") >>"$server_folder/log" 2>&1 &
    server_pids="$! $server_pids"
}

# server_wait COMMAND...: until it is true, at most 20 s.
server_wait() {
    server_tries=0
    until "$@" >/dev/null 2>&1; do
        server_tries=$((server_tries + 1))
        [ $server_tries -lt 200 ] || return 1
        sleep 0.1
    done
}

server_microphone_in() {
    server_microphone=$(server_do pactl load-module module-remap-source source_name=mic master=mouth.monitor \
        channels=1) && server_do pactl set-default-source mic
}

server_microphone_out() { server_do pactl unload-module "$server_microphone"; }

# `server_sinks` is what is said besides to PulseAudio's. Left alone, a new one gives 2 s of silence at once and
# then nothing until they are over, as no real card does; with norewinds=1 never more than 50 ms.
server_cards_in() {
    for sink in quiet mouth ear; do
        server_do pactl load-module module-null-sink sink_name=$sink media.class=Audio/Sink channels=1 \
            channel_map=mono rate=16000 >/dev/null 2>&1 ||
            server_do pactl load-module module-null-sink sink_name=$sink channels=1 channel_map=mono rate=16000 \
                ${server_sinks:-} >/dev/null || return 1
    done
    server_microphone_in && server_do pactl set-default-sink quiet
}

# While one is left, a server goes on with that one, and nobody notices anything.
server_cards_out() {
    server_do pactl list short modules | awk '/module-(null-sink|remap-source)/ { print $1 }' | sort -rn |
        while read -r module rest; do server_do pactl unload-module "$module"; done
}

server_end() {
    [ -z "${server_pids:-}" ] || kill $server_pids 2>/dev/null
    wait
}

server_is_there() { # pulseaudio|pipewire
    for program in pactl paplay parecord setpriv $(
        [ "$1" = pulseaudio ] && echo pulseaudio || echo dbus-daemon pipewire wireplumber pipewire-pulse
    ); do
        command -v $program >/dev/null || return 1
    done
    ls /usr/lib/*/alsa-lib/libasound_module_pcm_pulse.so >/dev/null 2>&1
}
