# Three handsets on a network, by IPv6 link-local addresses alone.
for number in 1 2 3; do home $number; done
cable 1 2 3
beside capture dumpcap -q -i bridge -w "$out/bridge.pcapng"
for number in 1 2 3; do handset $number lab-$number --transport udp:eth0; done
meet_and_talk
