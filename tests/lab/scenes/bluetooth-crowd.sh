# Nine handsets with Bluetooth: the hub has seven of them, the eighth is turned away, and all nine see
# each other all the same.
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
near_all 9
for number in 1 2 3 4 5 6 7 8 9; do await $number 240 "sees all"; done
links=$(hcitool -i hci0 con | grep -c ACL)
[ "$links" -eq 7 ] || fail "the hub has $links links"
finish
measure "in range to all nine see each other" "$near" $(for number in 1 2 3 4 5 6 7 8 9; do when $number "sees all"; done)
