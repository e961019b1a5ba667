# Three handsets on a network, by IPv6 link-local addresses alone.
for number in 1 2 3; do home $number; done
cable 1 2 3
capture open-bridge bridge
for number in 1 2 3; do handset $number lab-$number --transport udp:eth0; done
meet_and_talk
