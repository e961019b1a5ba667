# SPDX-License-Identifier: GPL-3.0-or-later
# Bluetooth, for scene.sh: controllers 0, 1, ... are hci0, hci1, ..., all in range of each other.

# bluetooth COUNT: plugs in so many controllers, and captures what they and the kernel say.
bluetooth() {
    modprobe hci_vhci || fail "no virtual controllers"
    btmon -w "$out/open-bluetooth.snoop" >/dev/null </dev/null &
    background+=($!)
    beside controllers controllers --seed 1 --control /run/air "$1"
    until_true 20 "$1 controllers" test -e "/sys/class/bluetooth/hci$(($1 - 1))" -a -p /run/air
    departures+=("rm -f /run/air")
}

# bluetooth_daemon: starts bluetoothd, which runs on most machines; it takes charge of all controllers.
# Its number is $daemon.
bluetooth_daemon() {
    if [ ! -S /run/dbus/system_bus_socket ]; then
        mkdir -p /run/dbus /var/lib/bluetooth
        beside dbus dbus-daemon --config-file=/lab/rooms/bus.conf --nofork --nopidfile
        until_true 20 "a bus for bluetoothd" test -S /run/dbus/system_bus_socket
        departures+=("rm -f /run/dbus/system_bus_socket")
    fi
    note "bluetoothd starts"
    beside bluetoothd bluetoothd --nodetach
    daemon=$!
}

# air LINE: what controllers.c takes: "off 0", "apart 1 2", "remove 2", ...
air() {
    note "air: $*"
    echo "$*" >/run/air
}

# apart_all COUNT, near_all COUNT: none is in range of another; all are.
apart_all() { each_pair "$1" apart; }
near_all() { each_pair "$1" near; }
each_pair() {
    local one other
    for ((one = 0; one < $1; one++)); do
        for ((other = one + 1; other < $1; other++)); do echo "$2 $one $other"; done
    done >/run/air
}

# calls K, linked K: controller hciK calls another one just now; has so many links.
calls() { hcitool -i "hci$1" con | grep -q 'state 5'; }
linked() { hcitool -i "hci$1" con | grep -c 'state 1'; }

# manage K COMMAND...: what the kernel answers for controller hciK (btmgmt reads no /dev/null).
manage() { timeout 60 btmgmt --index "$1" "${@:2}" <>/run/never 2>&1; }
is_bondable() { manage "$1" info | grep -q 'current settings:.* bondable'; }

# channels: how many ends of L2CAP channels there are between handsets (PSM 0x1021).
channels() { grep -c ' 1 4129 0x' /sys/kernel/debug/bluetooth/l2cap; }
