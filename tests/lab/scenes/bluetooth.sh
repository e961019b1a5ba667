# Three handsets with Bluetooth.
bluetooth 3
for number in 1 2 3; do home $number air; done
for number in 1 2 3; do handset $number lab-$number --transport bluetooth:hci$((number - 1)); done
meet_and_talk
