# Nine handsets with Bluetooth. The eight others see Alpha alone at first: it takes seven of them, and
# answers the eighth that it has no room. Then all come into range of each other, and the eighth is reached
# through another, a second hub: all nine see each other.
bluetooth 9
apart_all 9
for number in 1 2 3 4 5 6 7 8 9; do
    home $number air
    handset $number lab-crowd --transport bluetooth:hci$((number - 1)) --sound silence
    # Three passphrases at a time: each takes 256 MB.
    [ $((number % 3)) -ne 0 ] || for last in $((number - 2)) $((number - 1)) $number; do
        await $last 180 unlocked
    done
done
near=$EPOCHREALTIME
for ((other = 1; other < 9; other++)); do echo "near 0 $other"; done >/run/air
seven_linked() { [ "$(linked 0)" -eq 7 ]; }
until_true 120 "seven peers of one hub" seven_linked
outside() { # the controllers that have no link to the hub's
    local other
    for ((other = 1; other < 9; other++)); do
        hcitool -i "hci$other" con | grep -q '00:4D:55:00:00:00 .* state 1 ' || echo "$other"
    done
}
# The eighth asks as well, and its call comes to nothing: event 3, of 11 octets, with status 13.
turned_away() { od -An -v -tx1 "$out/open-bluetooth.snoop" | tr -d '\n' | grep -q ' 03 0b 0d'; }
until_true 300 "the eighth is turned away" turned_away # it calls when it finds the hub, by chance
eighth=$(outside)
[[ $eighth == [1-8] ]] || fail "outside of the hub's piconet are: ${eighth:-none}"
seven_linked || fail "the hub has $(linked 0) links"
limited_resources="bthci_evt.code==0x03 && bthci_evt.status==0x0d" # what the eighth's call came to
echo "open-bluetooth.snoop $limited_resources" >>"$out/packets"
near_all 9
for number in 1 2 3 4 5 6 7 8 9; do await $number 240 "sees all"; done
until_true 10 "a second hub for the eighth" linked "$eighth"
seven_linked || fail "the hub has $(linked 0) links in the end"
note "the hub has seven links; the eighth, hci$eighth, has $(linked "$eighth") with another"
finish
measure "in range to all nine see each other" "$near" $(for number in 1 2 3 4 5 6 7 8 9; do when $number "sees all"; done)
