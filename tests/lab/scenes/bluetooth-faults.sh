# Three handsets with Bluetooth that come into range of each other all at the same moment. While Bravo
# talks and Charlie hears it: the hub, Alpha, loses its battery; the two lose each other and meet
# again, at a moment when both call each other; Charlie's controller is pulled out and plugged in; a
# stranger's device sends garbage to both; bluetoothd starts, and takes the adapters' power when it ends.
bluetooth 4
apart_all 3
for number in 1 2 3; do
    home $number air
    handset $number lab-steady-$number --transport bluetooth:hci$((number - 1)) $([ $number -ne 2 ] || echo --sound tone --voice 440)
done
all_unlocked
near_all 3
long_talk_begins

air off 0
switch_off 1
loss "hub off"

air apart 1 2
lost_for_sure 40
both_call() { calls 1 && calls 2; }
until_true 60 "both call each other" both_call
air near 1 2
back "in range again, both calling, to sound" 90
one_link() { [ "$(linked 1) $(linked 2) $(channels)" = "1 1 2" ]; }
until_true 10 "one link of two that called each other" one_link
note "both called: $(linked 1) link, $(channels) ends of a channel"

air remove 2
lost_for_sure 10
air add 2
back "controller plugged in to sound" 90

hciconfig hci3 up
for victim in 1 2; do
    beside l2test timeout 10 l2test -i hci3 -P 4129 -s -b 300 -N 200 "00:4D:55:00:00:0$victim"
done
nap 8
until_heard 3 5
note "a stranger's garbage: the talk goes on"

bluetooth_daemon
nap 5
until_heard 3 5
note "bluetoothd has started: the talk goes on"
kill "$daemon"
loss "bluetoothd ended"
long_talk_ends
