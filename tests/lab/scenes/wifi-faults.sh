# Three handsets with Wi-Fi Direct that come into range of each other all at the same moment. While
# Bravo talks and Charlie hears it: the group owner, Alpha, loses its battery; the two lose each other
# and meet again; Charlie's wpa_supplicant is started anew, then both are, with nothing remembered, and
# ask each other at the same moment; a stranger that calls itself a handset joins the group and sends
# garbage.
wifi 4
for number in 1 2 3; do
    home $number
    radio $number $((number - 1))
    range $((number - 1)) $((2 ** number))
    handset $number lab-steady-$number --transport wifi-direct:wlan$((number - 1)) $([ $number -ne 2 ] || echo --sound tone --voice 440)
done
range 3 16
all_unlocked
for number in 1 2 3; do range $((number - 1)) 1; done
long_talk_begins

range 0 2
switch_off 1
loss "group owner off"

range 1 4
lost_for_sure 40
range 1 1
back "in range again to sound" 120

supplicant_off 2
lost_for_sure 20
supplicant 3 2
back "wpa_supplicant back to sound" 120

bravo=$(device_of 2 1)
charlie=$(device_of 3 2)
for radio in 1 2; do
    supplicant_off $radio
    forget $radio
    supplicant $((radio + 1)) $radio
done
ask 2 1 "$charlie" &
ask 3 2 "$bravo" &
wait $!
back "both ask each other, to sound" 120
asked="wifi_p2p.public_action.subtype==0 && wlan.sa==" # GO Negotiation Request
printf '%s\n' "sealed-air.pcapng $asked$bravo" "sealed-air.pcapng $asked$charlie" >>"$out/packets"
one_group() { [ "$(roles 2 3)" = "P2P-GO P2P-client " ]; }
until_true 10 "one group of two that asked each other" one_group

home 4
radio 4 3
owner=2 device=$bravo
[ "$(roles 3)" != "P2P-GO " ] || owner=3 device=$charlie
wpa 4 3 set device_name "Muster beef"
range 3 1
wpa 4 3 p2p_find type=social
until_true 30 "the stranger sees the owner" wpa 4 3 p2p_peer "$device"
wpa 4 3 p2p_connect "$device" pbc join
joined() { [ "$(roles 4)" = "P2P-client " ]; }
until_true 60 "the stranger in the group" joined
capture open-group any $((5 - owner)) "ip6"
garbage 4 8
until_heard 3 5
echo "open-group.pcapng ipv6.src==$stranger && udp.dstport==22690" >>"$out/packets"
note "a stranger's garbage to the group of handset $owner: the talk goes on"
long_talk_ends
