# SPDX-License-Identifier: GPL-3.0-or-later
# Wi-Fi, for scene.sh: radios wlan0, wlan1, ..., all in range of each other.
declare -A phys=() supplicants=()
netdev=109 # the group whose users may use a wpa_supplicant

# wifi COUNT: makes so many radios, and captures their air.
wifi() {
    local radio
    modprobe mac80211_hwsim radios="$1" || fail "no Wi-Fi radios"
    departures+=("modprobe -r mac80211_hwsim")
    until_true 10 "$1 radios" test -e "/sys/class/net/wlan$(($1 - 1))"
    for ((radio = 0; radio < $1; radio++)); do
        phys[$radio]=$(cat "/sys/class/net/wlan$radio/phy80211/name")
    done
    ip link set hwsim0 up
    capture sealed-air hwsim0
}

# radio N K: handset N gets the radio wlanK, and a wpa_supplicant for it.
radio() {
    local net
    net=$(readlink "/proc/${homes[$1]}/ns/net")
    [ "$net" = "$(readlink /proc/self/ns/net)" ] ||
        iw phy "${phys[$2]}" set netns "${homes[$1]}" || fail "wlan$2 does not move"
    forget "$2"
    supplicant "$1" "$2"
}
forget() { # K: what the supplicant of wlanK remembers
    printf '%s\n' "ctrl_interface=DIR=/run/wpa_supplicant GROUP=$netdev" update_config=1 >"/tmp/wpa-$1.conf"
}

# supplicant N K: switches it on, with what it remembers; supplicant_off K: switches it off.
supplicant() {
    become "$1" wpa_supplicant -t -Dnl80211 -i "wlan$2" -c "/tmp/wpa-$2.conf" >>"$out/log-wpa-$2" 2>&1 </dev/null &
    supplicants[$2]=$!
    background+=($!)
    until_true 15 "wpa_supplicant of wlan$2" at "$1" test -S "/run/wpa_supplicant/wlan$2"
}
supplicant_off() {
    kill "${supplicants[$1]}"
    wait "${supplicants[$1]}" 2>/dev/null
}

# range K BITS: a radio hears those that have a bit in common with it; all begin with 1.
range() {
    note "range of wlan$1: $2"
    echo "$2" >"/sys/kernel/debug/ieee80211/${phys[$1]}/hwsim/group"
}

# wpa N K COMMAND...: tells the supplicant of wlanK, in handset N's home, to do something about P2P.
wpa() { at "$1" wpa_cli -p /run/wpa_supplicant -i "p2p-dev-wlan$2" "${@:3}"; }

# device_of N K: the P2P device address of wlanK.
device_of() { wpa "$1" "$2" status | sed -n 's/^p2p_device_address=//p'; }

# roles N...: what these handsets' group interfaces are, "P2P-GO" or "P2P-client", in order of the
# alphabet. An interface that a supplicant only made ready, for an attempt, is on no channel and is none.
roles() {
    local number
    for number in "$@"; do at "$number" iw dev; done | awk '
        $1 == "Interface" { role = "" }
        $1 == "type" { role = $2 }
        $1 == "channel" && (role == "P2P-GO" || role == "P2P-client") { print role }' | sort | tr '\n' ' '
}

# group_of N: its group's interface.
group_of() { at "$1" iw dev | sed -n 's/.*Interface \(p2p-wlan.*\)/\1/p'; }

# ask N K DEVICE: the supplicant of wlanK, in handset N's home, asks that one for a group as soon as it
# sees it.
ask() {
    until wpa "$1" "$2" p2p_connect "$3" pbc persistent go_intent=7 | grep -q OK; do nap 0.1; done
}

# garbage N SECONDS: handset N's home sends what looks like frames, to all on its group's interface; its
# address there is $stranger then. (Not with cat, whose sendfile leaves datagrams unsent.)
garbage() {
    local interface files=/tmp/garbage end=$((SECONDS + $2)) kind
    interface=$(group_of "$1")
    own() { at "$1" /bin/ip -6 -o addr show dev "$interface" scope link -tentative | grep -o 'fe80:[^/]*'; }
    until_true 20 "the stranger's address" own "$1"
    stranger=$(own "$1")
    at "$1" /bin/ip -6 route replace table local multicast ff14::/16 dev "$interface" metric 1
    mkdir -p $files
    for kind in 0 1 2 3 4 5 6 7 8 9; do
        { printf "\\1\\$kind\\3\\0" && head -c $((RANDOM % 1300)) /dev/urandom; } >$files/$kind
    done
    while [ $SECONDS -lt "$end" ]; do
        at "$1" /bin/bash -c "for file in $files/*; do dd if=\$file bs=2048 2>/dev/null >/dev/udp/ff14::4d75:7374:6572/22690; done" ||
            fail "the stranger cannot send"
    done
}
