# SPDX-License-Identifier: GPL-3.0-or-later
# A network of cables, for scene.sh.

# cable N...: joins these homes by a bridge; each has the interface eth0 then.
cable() {
    local number
    ip link add bridge type bridge mcast_snooping 0
    departures+=("ip link del bridge")
    ip link set bridge up
    for number in "$@"; do
        ip link add eth0 netns "${homes[$number]}" type veth peer name "port$number"
        ip link set "port$number" master bridge up
        at "$number" ip link set eth0 up
    done
}
