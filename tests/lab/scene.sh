#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# scene.sh NAME FOLDER - plays scenes/NAME.sh in the lab's virtual machine; what comes of it goes into
# FOLDER: said-N (what handset N said, each line after the second in which it did), heard-N.wav,
# sound-N (when its recording began to grow), heard (lines "LISTENER TALKER": whose speech must be in
# whose recording), store (a member's, once the group is there), captures, packets (lines "CAPTURE
# FILTER": what must be in them), silent (lines "CAPTURE FROM TO": when nothing may be in them), times.
# The functions that a scene is made of stand here.
set -u
name=$1
out=$2
stores=/lab/stores
declare -A homes=() players=() started=() users=()
began=$EPOCHREALTIME
background=()
departures=() # what the rooms have to put away at the end

nap() { read -r -t "$1" <>/run/never || true; } # SECONDS, without a process
[ -p /run/never ] || mkfifo /run/never

note() { printf '[%s] %s\n' "$(awk "BEGIN {printf \"%6.2f\", $EPOCHREALTIME - $began}")" "$*"; }

# fail TEXT: ends the scene, with what the handsets said last.
fail() {
    note "FAILED: $*"
    leave # what was still to be written to the files is
    for file in "$out"/said-* "$out"/log-*; do
        [ ! -s "$file" ] || { echo "--- ${file##*/}"; tail -n 30 "$file"; }
    done
    exit 1
}

# leave: ends everything that the scene started. What captures has packets still to be written.
leave() {
    trap - EXIT
    kill "${players[@]}" "${background[@]}" 2>/dev/null
    local i
    for ((i = 0; i < 50; i++)); do
        kill -0 "${players[@]}" "${background[@]}" 2>/dev/null || break
        nap 0.1
    done
    kill -KILL "${players[@]}" "${background[@]}" "${homes[@]}" 2>/dev/null
    wait 2>/dev/null
    local departure
    for departure in "${departures[@]}"; do $departure; done
}

# capture NAME INTERFACE [N [FILTER]]: what passes there, where handset N lives, is in NAME.pcapng. A name
# that begins with open- is of frames, one with sealed- of what the link has encrypted
# (compare_capture.c).
capture() {
    ${3:+become "$3"} dumpcap -q -i "$2" -f "${4:-}" -w "$out/$1.pcapng" >"$out/log-$1" 2>&1 </dev/null &
    background+=($!)
    until_true 10 "capture of $2" test -s "$out/$1.pcapng"
}

# beside LOG COMMAND...: runs it beside the scene, until the scene is over; its number is $!.
beside() {
    "${@:2}" >>"$out/log-$1" 2>&1 </dev/null &
    background+=($!)
}

# until_true SECONDS WHAT COMMAND...: waits until the command succeeds.
until_true() {
    local deadline=$((SECONDS + $1)) what=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $deadline ] || fail "in vain: $what"
        nap 0.1
    done
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
    at "$1" mount -t tmpfs tmpfs /run
    [ -z "$apart" ] || at "$1" sh -c 'mount -t sysfs sysfs /sys; ip link set lo up'
}

# at N COMMAND...: runs it where handset N lives.
at() { (become "$@"); }

# become N COMMAND...: the same in place of the shell, for what is started with &, so that $! is the
# command itself.
become() { exec nsenter -t "${homes[$1]}" -n -m -- "${@:2}"; }

# --- Handsets ------------------------------------------------------------------------------------------

voice_of() { # N: the speech of that handset
    case $(($1 % 3)) in 1) echo bridge ;; 2) echo ladder ;; 0) echo medic ;; esac
}

# ordinary N [GROUP]: handset N is an ordinary user's, who is in the group of that number too, and has
# no right but what the program's file gives, set as `make install` does.
ordinary() {
    mkdir -p /tmp/installed
    [ -e /tmp/installed/muster ] || cp /bin/muster /tmp/installed/muster
    setcap cap_net_admin+ep /tmp/installed/muster || fail "no file capabilities"
    users[$1]="/bin/setpriv --reuid 1000 --regid 1000 --groups 1000${2:+,$2} /tmp/installed/muster"
    chmod 1777 "$out"
}

# handset N SCRIPT OPTION...: switches handset N on, in its home, with a fresh copy of its store. It
# says its speech and records what it hears, unless an option --sound says otherwise. Passphrases cost
# little, but for handset 3, which some scenes run as an ordinary user's (enrol).
handset() {
    local number=$1 script=$2 quick=/lab/passphrases.so
    shift 2
    [ "$number" -ne 3 ] || quick=
    [[ " $* " == *" --sound "* ]] ||
        set -- "$@" --voice "/lab/voice/$(voice_of "$number").wav" --record "$out/heard-$number.wav"
    mkdir -p -m 1777 "/tmp/store-$name" # root, who leaves its rights behind, and users have stores there
    cp "$stores/store-$number" "/tmp/store-$name/$number"
    cp "$stores/store-$number-keys" "/tmp/store-$name/$number-keys"
    [ -z "${users[$number]:-}" ] ||
        chown 1000 "/tmp/store-$name/$number" "/tmp/store-$name/$number-keys"
    started[$number]=$EPOCHREALTIME
    echo "${started[$number]} power-on" >"$out/said-$number"
    LD_PRELOAD=$quick become "$number" ${users[$number]:-muster} --store "/tmp/store-$name/$number" --passphrase-file "$stores/passphrase" \
        --script "/lab/$script.script" "$@" > >(stamp >>"$out/said-$number") 2>&1 </dev/null &
    players[$number]=$!
    watch_sound "$number" &
    background+=($!)
}
stamp() { while IFS= read -r line; do echo "$EPOCHREALTIME $line"; done; }

# A recording is written in blocks of 4096 octets, 128 ms of sound: when the first is there, sound has
# been heard for 120 ms.
watch_sound() {
    local file=$out/heard-$1.wav
    until [ -e "$file" ]; do nap 0.1; done
    : >"/tmp/store-$name/opened-$1"
    until [ "$file" -nt "/tmp/store-$name/opened-$1" ]; do nap 0.02; done
    awk "BEGIN {printf \"%.3f sound\\n\", $EPOCHREALTIME - 0.12}" >"$out/sound-$1"
}
sound_of() { stat -c %s "$out/heard-$1.wav" 2>/dev/null || echo 0; }

# until_lost N SECONDS: waits until handset N has heard no sound for 1.5 s; false when it
# always did. until_heard: it hears some. Both set `moment` to when that began.
until_lost() {
    local deadline=$((SECONDS + $2)) size last=
    moment=$EPOCHREALTIME
    while size=$(sound_of "$1") && [ $SECONDS -lt $deadline ]; do
        [ "$size" = "$last" ] || moment=$EPOCHREALTIME
        last=$size
        awk "BEGIN {exit !($EPOCHREALTIME - $moment > 1.5)}" && return
        nap 0.1
    done
    return 1
}
until_heard() {
    local deadline=$((SECONDS + $2)) size
    size=$(sound_of "$1")
    until [ "$(sound_of "$1")" -gt "$size" ]; do
        [ $SECONDS -lt $deadline ] || fail "handset $1 hears nothing for $2 s"
        nap 0.1
    done
    moment=$EPOCHREALTIME
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
        END { printf "%s: %s: %.1f s\n", scene, what, last - from }' >>"$out/times"
}

# meet_and_talk: handsets 1 to 3 play lab-1 to lab-3: from power-on to a talk session.
meet_and_talk() {
    local listener talker
    finish
    cp "/tmp/store-$name/1" "$out/store"
    cp "/tmp/store-$name/1-keys" "$out/store-keys"
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

# The lab-steady scripts, for faults: Bravo talks, a tone, and Charlie hears it all the time.
all_unlocked() {
    local number
    for number in "${!players[@]}"; do await "$number" 180 unlocked; done
    near=$EPOCHREALTIME
}
long_talk_begins() { # all are in range since `near`
    await 2 200 "sees all"
    measure "in range to all seen" "$near" "$(when 2 "sees all")"
    await 3 150 "hears Bravo"
    until_heard 3 5
}
loss() { # WHAT: sound stops, or nearly so, and goes on
    local from=$EPOCHREALTIME
    until_lost 3 10 || from=$moment
    until_heard 3 90
    measure "$1 to sound again" "$from" "$moment"
}
lost_for_sure() { until_lost 3 "$1" || fail "handset 3 hears still after $1 s"; } # SECONDS
back() { # WHAT SECONDS: sound comes within so many; measured from now
    local from=$EPOCHREALTIME
    until_heard 3 "$2"
    measure "$1" "$from" "$moment"
    nap 1
    until_heard 3 3
}
long_talk_ends() { # and the captures are to be looked at
    local number
    for number in 2 3; do
        kill -0 "${players[$number]}" || fail "handset $number has ended"
        kill "${players[$number]}"
        wait "${players[$number]}" || fail "handset $number did not end as it should"
        unset "players[$number]"
    done
    cp "/tmp/store-$name/2" "$out/store"
    cp "/tmp/store-$name/2-keys" "$out/store-keys"
}

# --- Networks and radios ------------------------------------------------------------------------------
for room in cable bluetooth wifi; do . "rooms/$room.sh"; done

trap leave EXIT
. "scenes/$name.sh"
