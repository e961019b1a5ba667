# Three handsets with Wi-Fi Direct, each with its own wpa_supplicant. Charlie's user is an ordinary one
# who may use it.
wifi 3
for number in 1 2 3; do
    home $number
    radio $number $((number - 1))
done
ordinary 3 $netdev
capture open-group any 1 "ip or ip6"
for number in 1 2 3; do handset $number lab-$number --transport wifi-direct:wlan$((number - 1)); done
meet_and_talk
