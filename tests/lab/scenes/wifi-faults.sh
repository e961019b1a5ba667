# Three handsets with Wi-Fi Direct that come into range of each other all at the same moment. While
# Bravo talks and Charlie hears it: the group owner, Alpha, loses its battery; the two lose each other
# and meet again; Charlie's wpa_supplicant is started anew.
wifi 3
for number in 1 2 3; do
    home $number
    radio $number $((number - 1))
    range $((number - 1)) $((2 ** number))
    handset $number lab-steady-$number --transport wifi-direct:wlan$((number - 1)) $([ $number -ne 2 ] || echo --sound tone --voice 440)
done
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
long_talk_ends
