# Three handsets with Bluetooth. Charlie's user is an ordinary one.
bluetooth 3
for number in 1 2 3; do home $number air; done
ordinary 3
for number in 1 2 3; do handset $number lab-$number --transport bluetooth:hci$((number - 1)); done
meet_and_talk
