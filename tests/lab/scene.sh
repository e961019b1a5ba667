#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# scene.sh NAME FOLDER - plays scenes/NAME.sh in the lab's virtual machine; what comes of it goes into
# FOLDER: said-N (what handset N said, each line after the second in which it did), heard-N.wav,
# sound-N (when its recording began to grow), heard (lines "LISTENER TALKER": whose speech must be in
# whose recording), captures, times. The functions that a scene is made of stand here.
set -u
name=$1
out=$2
stores=/lab/stores
declare -A homes=() players=() started=()
background=()

now() { printf '%(%s)T.%s' -1 "${EPOCHREALTIME#*.}"; }
nap() { read -r -t "$1" <>/run/never || true; } # SECONDS, without a process
[ -p /run/never ] || mkfifo /run/never

note() { printf '[%s] %s\n' "$(awk "BEGIN {printf \"%6.2f\", $(now) - $began}")" "$*"; }
began=$(now)

# fail TEXT: ends the scene, with what the handsets said last.
fail() {
    note "FAILED: $*"
    for file in "$out"/said-* "$out"/log-*; do
        [ ! -s "$file" ] || { echo "--- ${file##*/}"; tail -n 30 "$file"; }
    done
    leave
    exit 1
}

# leave: ends everything that the scene started.
leave() {
    trap - EXIT
    kill "${players[@]}" "${background[@]}" 2>/dev/null
    nap 0.3
    kill -KILL "${players[@]}" "${background[@]}" "${homes[@]}" 2>/dev/null
    wait 2>/dev/null
}

# beside LOG COMMAND...: runs it beside the scene, until the scene is over; its number is $!.
beside() {
    "${@:2}" >>"$out/log-$1" 2>&1 </dev/null &
    background+=($!)
}

# --- Where a handset lives ---------------------------------------------------------------------------

# home N [air]: handset N has namespaces of its own. With `air` it stays in the machine's first network
# namespace, the only one that Bluetooth is in.
home() {
    local apart=--net
    [ "${2:-}" != air ] || apart=
    unshare $apart --mount --propagation private sleep 86400 &
    homes[$1]=$!
    until [ "$(readlink "/proc/${homes[$1]}/ns/mnt")" != "$(readlink /proc/self/ns/mnt)" ]; do nap 0.02; done
    at "$1" sh -c 'mount -t sysfs sysfs /sys; mount -t tmpfs tmpfs /run; ip link set lo up'
}

# at N COMMAND...: runs it where handset N lives.
at() {
    local number=$1
    shift
    nsenter -t "${homes[$number]}" -n -m -- "$@"
}

# --- Handsets ------------------------------------------------------------------------------------------

voice_of() { # N: the speech of that handset
    case $(($1 % 3)) in 1) echo bridge ;; 2) echo ladder ;; 0) echo medic ;; esac
}

# handset N SCRIPT OPTION...: switches handset N on, in its home, with a fresh copy of its store.
handset() {
    local number=$1 script=$2
    shift 2
    mkdir -p "/tmp/store-$name"
    cp "$stores/store-$number" "/tmp/store-$name/$number"
    : >"$out/said-$number"
    started[$number]=$(now)
    echo "${started[$number]} power-on" >>"$out/said-$number"
    at "$number" muster --store "/tmp/store-$name/$number" --passphrase-file "$stores/passphrase" \
        --voice "/lab/voice/$(voice_of "$number").wav" --record "$out/heard-$number.wav" \
        --script "/lab/$script.script" "$@" > >(stamp >>"$out/said-$number") 2>&1 </dev/null &
    players[$number]=$!
    watch_sound "$number" &
    background+=($!)
}
stamp() { while IFS= read -r line; do echo "$(now) $line"; done; }

# The recording is written in blocks of 4096 octets, 128 ms of sound: when the first is there, sound
# has been heard for 120 ms.
watch_sound() {
    local file=$out/heard-$1.wav
    until [ "$(stat -c %s "$file" 2>/dev/null || echo 0)" -gt 44 ]; do nap 0.02; done
    awk "BEGIN {printf \"%.3f sound\\n\", $(now) - 0.12}" >"$out/sound-$1"
}

# switch_off N: as when its battery is pulled.
switch_off() {
    kill -KILL "${players[$1]}" 2>/dev/null
    wait "${players[$1]}" 2>/dev/null
    unset "players[$1]"
}

# await N SECONDS TEXT: handset N says so within that time.
await() {
    local deadline=$((SECONDS + $2))
    until grep -q " $3\$" "$out/said-$1"; do
        [ $SECONDS -lt $deadline ] || fail "handset $1 did not say '$3' within $2 s"
        kill -0 "${players[$1]}" 2>/dev/null || grep -q " $3\$" "$out/said-$1" ||
            fail "handset $1 ended before it said '$3'"
        nap 0.1
    done
}

# finish [N...]: these handsets, or all that are on, come to the end of their scripts.
finish() {
    local number
    for number in "${@:-${!players[@]}}"; do
        for number in $number; do
            wait "${players[$number]}" || fail "handset $number: its script did not pass"
            unset "players[$number]"
        done
    done
}

# when N TEXT: the second in which handset N first said so.
when() { sed -n "s/^\([0-9.]*\) $2\$/\1/p" "$out/said-$1" "$out/sound-$1" 2>/dev/null | head -n 1; }

# measure WHAT FROM TO...: notes how long it took from the one second to the last of the others.
measure() {
    local what=$1 from=$2
    shift 2
    echo "$*" | awk -v what="$what" -v from="$from" -v scene="$name" '
        { for (i = 1; i <= NF; i++) if ($i > last) last = $i }
        END { printf "%s: %s: %.2f s\n", scene, what, last - from }' | tee -a "$out/times"
}

# meet_and_talk: handsets 1 to 3 play lab-1 to lab-3: from power-on to a talk session.
meet_and_talk() {
    local listener talker
    finish
    for listener in 1 2 3; do
        for talker in 1 2 3; do
            [ $listener -eq $talker ] || echo "$listener $talker" >>"$out/heard"
        done
    done
    measure "power-on to unlocked" "${started[1]}" "$(when 1 unlocked)" "$(when 2 unlocked)" "$(when 3 unlocked)"
    measure "power-on to all see each other" "${started[1]}" \
        "$(when 1 "sees all")" "$(when 2 "sees all")" "$(when 3 "sees all")"
    measure "confirm to all keyed" "$(when 1 confirms)" "$(when 1 "all keyed")"
    measure "key press to the talker's name" "$(when 1 "presses the key")" \
        "$(when 2 "hears Alpha")" "$(when 3 "hears Alpha")"
    measure "key press to sound" "$(when 1 "presses the key")" "$(when 2 sound)" "$(when 3 sound)"
}

# --- Networks and radios ---------------------------------------------------------------------------------

# cable N...: joins these homes by a bridge; each has the interface eth0.
cable() {
    local number
    ip link add bridge type bridge mcast_snooping 0
    ip link set bridge up
    for number in "$@"; do
        ip link add eth0 netns "${homes[$number]}" type veth peer name "port$number"
        ip link set "port$number" master bridge up
        at "$number" ip link set eth0 up
    done
}

trap leave EXIT
. "scenes/$name.sh"
