# SPDX-License-Identifier: GPL-3.0-or-later
# Wi-Fi, for scene.sh: radios wlan0, wlan1, ..., all in range of each other.
declare -A phys=() supplicants=()

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
    printf '%s\n' "ctrl_interface=/run/wpa_supplicant" update_config=1 >"/tmp/wpa-$2.conf"
    supplicant "$1" "$2"
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
